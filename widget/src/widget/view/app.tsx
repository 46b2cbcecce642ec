import { CHAT, Icon } from "../../controls/icon";
import { withNumber } from "../../strings";
import type { WidgetModel } from "../widget";
import { Panel } from "./panel";

export function App({ model }: { readonly model: WidgetModel }) {
  const { isHidden, isOpen, language, snapshot } = model;
  const { strings, tag } = language;
  if (isHidden) return null;
  const unread = snapshot.conversation?.unread ?? 0;
  const label = unread ? `${strings.open}. ${withNumber(strings.unread, unread, tag)}` : strings.open;
  if (isOpen) return <Panel model={model} />;
  return (
    <button type="button" class="launcher" aria-label={label} aria-haspopup="dialog" onClick={model.open}>
      <Icon path={CHAT} />
      {unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? "99+" : unread.toLocaleString(tag)}
        </span>
      )}
    </button>
  );
}
