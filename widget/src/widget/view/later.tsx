import { Component, type FunctionComponent } from "preact";
import type { WidgetModel } from "../widget";

/** A part of the widget that few visitors ever see, with what it looks like: a file of its own, loaded when it is first drawn. */
export interface Part {
  readonly View: FunctionComponent<{ readonly model: WidgetModel }>;
  readonly css: string;
}

interface Props {
  readonly load: () => Promise<Part>;
  readonly model: WidgetModel;
}

export class Later extends Component<Props, Partial<Part>> {
  override componentDidMount(): void {
    // Where it cannot be loaded the chat goes on without it; the next time it is drawn it is asked for again.
    this.props.load().then(
      ({ View, css }) => {
        this.props.model.dress(css);
        this.setState({ View });
      },
      () => {},
    );
  }

  override render({ model }: Props, { View }: Partial<Part>) {
    return View ? <View model={model} /> : null;
  }
}
