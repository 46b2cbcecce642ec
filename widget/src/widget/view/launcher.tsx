import { CHAT, CLOSE, Icon } from "../../controls/icon";
import { withNumber } from "../../strings";
import { inDigits } from "../../strings/digits";
import type { WidgetModel } from "../widget";
import { refuseFiles } from "./files";

/** The bubble. While the panel is open it closes it again, where there is room for both. */
export function Launcher({ model }: { readonly model: WidgetModel }) {
  const { isOpen, language, snapshot, open, close } = model;
  const { strings, tag } = language;
  const unread = isOpen ? 0 : (snapshot.conversation?.unread ?? 0);
  const label = unread ? `${strings.open}. ${withNumber(strings.unread, unread, tag)}` : strings.open;
  return (
    <button
      type="button"
      class={isOpen ? "launcher opened" : "launcher"}
      aria-label={isOpen ? strings.minimize : label}
      aria-haspopup="dialog"
      onClick={isOpen ? close : open}
      {...refuseFiles(open)}
    >
      <Icon path={isOpen ? CLOSE : CHAT} />
      {unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? "99+" : unread.toLocaleString(inDigits(tag))}
        </span>
      )}
    </button>
  );
}
