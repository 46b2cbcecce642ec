import { REPLIES } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import { filledReply } from "../settings/preferences";

interface Props {
  readonly name: string;
  readonly replies: readonly string[];
  readonly draft: () => string;
  readonly insert: (text: string) => void;
  readonly change: (replies: readonly string[]) => void;
}

export function CannedReplies({ name, replies, draft, insert, change }: Props) {
  const keep = () => {
    const text = draft().trim();
    if (text && !replies.includes(text)) change([...replies, text]);
  };
  return (
    <Popover label="Canned replies" icon={REPLIES}>
      <ul class="replies">
        {replies.map((reply) => (
          <li key={reply}>
            <button
              type="button"
              onClick={(event) => {
                closePopover(event);
                insert(filledReply(reply, name));
              }}
            >
              {filledReply(reply, name)}
            </button>
            <button
              type="button"
              class="quiet"
              aria-label={`Delete: ${reply}`}
              onClick={() => change(replies.filter((other) => other !== reply))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <button type="button" onClick={keep}>
        Keep what I have written as a reply
      </button>
    </Popover>
  );
}
