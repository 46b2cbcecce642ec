import type { Strings } from "../../strings";
import { type Consent, DEFAULT_FIELDS, type DetailField } from "../settings";
import type { WidgetModel } from "../widget";
import { languageOf } from "./shop-language";

/** The server takes none of these: address books wrap what is copied from them in what turns the direction of writing. */
const REFUSED = /[\u202a-\u202e\u2066-\u2069]|[^\P{Cc}\n]/gu;

/** Whether nothing was written yet: the first message starts the chat. */
export function isBefore({ snapshot: { phase } }: WidgetModel): boolean {
  return phase === "details" || phase === "idle";
}

/** Whether the visitor is to fill in a form first; what must be ticked is asked before anything is sent. */
export function isAskedFirst(model: WidgetModel): boolean {
  const { options } = model;
  return isBefore(model) && (options.firstContact !== "message" || Boolean(options.consent?.required));
}

export function DetailsForm({ model }: { readonly model: WidgetModel }) {
  const { options, language, snapshot, chat } = model;
  const { strings } = language;
  const { fields = DEFAULT_FIELDS, consent } = options;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const values = valuesOf(event.currentTarget as HTMLFormElement, fields);
    if (!values) return;
    const message = fields.flatMap((field) => (field.message && values[field.name]) || []).join("\n\n");
    const details = fields.filter((field) => !field.message && values[field.name]);
    for (const field of fields) if (field.message) chat.keepDraft(draftOf(field), "");
    model.start(Object.fromEntries(details.map(({ name }) => [name, values[name]])), message);
  };

  return (
    <form class="details" onSubmit={submit}>
      {fields.length > 0 && <p class="asks">{strings.intro}</p>}
      <Fields model={model} fields={fields} />
      {consent && <ConsentLine consent={consent} strings={strings} />}
      {snapshot.problem && (
        <p class="problem" role="alert">
          {strings[snapshot.problem.code as "blocked"] ?? strings.failed}
        </p>
      )}
      <button type="submit" class={`primary ${fields.length ? "" : "first"}`}>
        {strings.start}
      </button>
    </form>
  );
}

interface FieldsProps {
  readonly model: WidgetModel;
  readonly fields: readonly DetailField[];
  /** Whether the first of them is where the writing begins. */
  readonly isFirst?: boolean;
}

export function Fields({ model, fields, isFirst = true }: FieldsProps) {
  const { chat, options, language } = model;
  return (
    <>
      {fields.map((field, index) => (
        <Field
          field={field}
          strings={language.strings}
          isFirst={isFirst && index === 0}
          value={chat.draft(draftOf(field)) || options.userInfo?.[field.name]}
          typed={(text) => chat.keepDraft(draftOf(field), text)}
        />
      ))}
    </>
  );
}

function draftOf({ name }: DetailField): string {
  return `details.${name}`;
}

interface FieldProps {
  readonly field: DetailField;
  readonly strings: Strings;
  readonly isFirst: boolean;
  readonly value: unknown;
  readonly typed: (text: string) => void;
}

function Field({ field, strings, isFirst, value, typed }: FieldProps) {
  const { name, label, message = false, type = message ? "textarea" : "text", required = false } = field;
  const own = { name: strings.name, email: strings.email }[name];
  const id = `field-${name}`;
  const input = {
    id,
    name,
    required,
    class: isFirst ? "first" : "",
    defaultValue: typeof value === "string" ? value : "",
    maxLength: message ? 2000 : 200,
    autocomplete: message ? "off" : name,
    dir: "auto" as const,
    onInput: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) => typed(currentTarget.value),
  } as const;
  return (
    <div>
      <label for={id} lang={languageOf(label)}>
        {label ?? own ?? (message ? strings.question : name)} {!required && <small>({strings.optional})</small>}
      </label>
      {type === "textarea" ? <textarea {...input} rows={3} /> : <input {...input} type={type} />}
    </div>
  );
}

interface ConsentProps {
  readonly consent: Consent;
  readonly strings: Strings;
}

export function ConsentLine({ consent: { text, url, required }, strings }: ConsentProps) {
  const Line = required ? "label" : "p";
  return (
    <Line class="consent">
      {required && <input type="checkbox" required />}
      <span dir="auto" lang={languageOf(text)}>
        {text}{" "}
        {url && (
          <a href={url} target="_blank" rel="noopener noreferrer">
            {strings.privacy}
          </a>
        )}
      </span>
    </Line>
  );
}

/** What was filled in; undefined where only white space stands in a field that is asked for, which the browser then says. */
export function valuesOf(form: HTMLFormElement, fields: readonly DetailField[]): Record<string, string> | undefined {
  const values = Object.fromEntries(
    fields.map(({ name }) => [
      name,
      String(new FormData(form).get(name) ?? "")
        .replace(REFUSED, "")
        .trim(),
    ]),
  );
  const missing = fields.find(({ name, required }) => required && !values[name]);
  if (!missing) return values;
  const input = form.elements.namedItem(missing.name) as HTMLInputElement;
  // Emptied, it is the browser's own words that say so.
  input.value = "";
  form.reportValidity();
  return undefined;
}
