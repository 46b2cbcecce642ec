import type { UserInfo } from "../../core";
import type { Strings } from "../../strings";
import { type Consent, DEFAULT_FIELDS, type DetailField } from "../settings";
import type { WidgetModel } from "../widget";

export function DetailsForm({ model }: { readonly model: WidgetModel }) {
  const { options, language, snapshot, chat } = model;
  const { strings } = language;
  const { fields = DEFAULT_FIELDS, consent, userInfo } = options;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    chat.start({ ...userInfo, ...detailsIn(event.currentTarget as HTMLFormElement, fields) });
  };

  return (
    <form class="details" onSubmit={submit}>
      <p class="intro" dir="auto">
        {options.welcomeMessage ?? strings.welcome}
      </p>
      {fields.length > 0 && <p class="asks">{strings.intro}</p>}
      {fields.map((field, index) => (
        <Field
          field={field}
          strings={strings}
          isFirst={index === 0}
          value={chat.draft(`details.${field.name}`) || userInfo?.[field.name]}
          typed={(text) => chat.keepDraft(`details.${field.name}`, text)}
        />
      ))}
      {consent && <ConsentLine consent={consent} strings={strings} />}
      {snapshot.problem && (
        <p class="problem" role="alert">
          {strings.failed}
        </p>
      )}
      <button type="submit" class={`primary ${fields.length ? "" : "first"}`}>
        {strings.start}
      </button>
    </form>
  );
}

interface FieldProps {
  readonly field: DetailField;
  readonly strings: Strings;
  readonly isFirst: boolean;
  readonly value: unknown;
  readonly typed: (text: string) => void;
}

function Field({ field, strings, isFirst, value, typed }: FieldProps) {
  const { name, label, type = "text", required = false } = field;
  const own = { name: strings.name, email: strings.email }[name];
  const id = `field-${name}`;
  const input = {
    id,
    name,
    required,
    class: isFirst ? "first" : "",
    defaultValue: typeof value === "string" ? value : "",
    maxLength: 200,
    autocomplete: name,
    onInput: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) => typed(currentTarget.value),
  } as const;
  return (
    <div>
      <label for={id}>
        {label ?? own ?? name} {!required && <small>({strings.optional})</small>}
      </label>
      {type === "textarea" ? <textarea {...input} rows={3} /> : <input {...input} type={type} />}
    </div>
  );
}

interface ConsentProps {
  readonly consent: Consent;
  readonly strings: Strings;
}

function ConsentLine({ consent: { text, url, required }, strings }: ConsentProps) {
  const Line = required ? "label" : "p";
  return (
    <Line class="consent">
      {required && <input type="checkbox" required />}
      <span dir="auto">
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

function detailsIn(form: HTMLFormElement, fields: readonly DetailField[]): UserInfo {
  const values = new FormData(form);
  const filled = fields.map(({ name }) => [name, String(values.get(name) ?? "").trim()]);
  return Object.fromEntries(filled.filter(([, value]) => value));
}
