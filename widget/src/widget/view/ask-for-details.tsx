import { DEFAULT_FIELDS, type DetailField } from "../settings";
import type { WidgetModel } from "../widget";
import { isAway } from "./banner";
import { Fields, valuesOf } from "./details-form";

export { default as css } from "./ask-for-details.css?inline";

const EMAIL: DetailField = { name: "email", type: "email" };

/** Kept with what the visitor writes, so that it is asked once in a chat and forgotten with it. */
const ANSWERED = "answered";

/** Who the visitor is, asked after the first message, or where nobody is there. What they answer is a message like any other. */
export function View({ model }: { readonly model: WidgetModel }) {
  const { options, language, snapshot, chat } = model;
  const { strings } = language;
  const { conversation } = snapshot;
  if (!conversation) return null;
  const known = { ...options.userInfo, ...conversation.userInfo };
  const isFirst = options.firstContact === "message" && conversation.items.some(({ kind }) => kind === "message");
  // Who waits for a shop that is closed must be reached in another way.
  const wanted = isFirst ? (options.fields ?? DEFAULT_FIELDS) : isAway(model) ? [EMAIL] : [];
  const fields = wanted.filter(({ name, message }) => !message && !known[name]);
  if (!fields.length || chat.draft(ANSWERED) === conversation.contactId) return null;

  const answered = () => {
    chat.keepDraft(ANSWERED, conversation.contactId);
    for (const { name } of fields) chat.keepDraft(`details.${name}`, "");
    model.draw();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const values = valuesOf(event.currentTarget as HTMLFormElement, fields);
    if (!values) return;
    const lines = fields.flatMap((field) =>
      values[field.name] ? `${labelOf(field, model)}: ${values[field.name]}` : [],
    );
    answered();
    if (lines.length) chat.send(lines.join("\n"));
  };
  return (
    <form class="ask" onSubmit={submit}>
      <p>{strings.reach}</p>
      <Fields model={model} fields={fields.map((field) => ({ ...field, required: false }))} isFirst={false} />
      <div class="answers">
        <button type="submit" class="primary">
          {strings.save}
        </button>
        <button type="button" class="plain" onClick={answered}>
          {strings.skip}
        </button>
      </div>
    </form>
  );
}

function labelOf({ name, label }: DetailField, { language }: WidgetModel): string {
  const { strings } = language;
  return label ?? { name: strings.name, email: strings.email }[name] ?? name;
}
