import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";

/** What docs/asyncapi.yaml says of an object; of its many words those that are read here. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly [word: string]: unknown;
}

interface Message {
  readonly payload: Schema;
}

interface Operation {
  readonly action: "receive" | "send";
  readonly messages: readonly Message[];
  readonly reply?: { readonly messages: readonly Message[] };
}

const WHOLE = parse(readFileSync(`${import.meta.dirname}/../../../docs/asyncapi.yaml`, "utf8"));
const OPERATIONS: readonly Operation[] = Object.values(resolved(WHOLE.operations) as Record<string, Operation>);

/** What clients send, by action; `initiateChat` is another name that this client does not use. */
export const ACCEPTED = byAction(
  OPERATIONS.filter(({ action }) => action === "receive").flatMap(({ messages }) => messages),
);
/** What clients receive, by action. */
export const EMITTED = byAction(
  OPERATIONS.flatMap(({ action, messages, reply }) => [
    ...(action === "send" ? messages : []),
    ...(reply?.messages ?? []),
  ]),
);

const HEADERS = WHOLE.channels.chat.bindings.ws.headers.properties;
/** What the service answers to a client that offers subprotocols. */
export const [, SUBPROTOCOL = ""] = HEADERS["Sec-WebSocket-Protocol"].description.match(/answers `([\w-]+)`/);

export function schema(name: string): Schema {
  return resolved(WHOLE.components.schemas[name]) as Schema;
}

const received = validatorOf(EMITTED, closed);
const accepted = validatorOf(ACCEPTED, (each) => each);

/** @throws {Error} for a frame that no server may send. */
export const checkReceived = (frame: { readonly action: string }): void => check(frame, received);
/** @throws {Error} for a frame that a server may refuse as malformed. */
export const checkSent = (frame: { readonly action: string }): void => check(frame, accepted);

function check(frame: { readonly action: string }, validator: (action: string) => ValidateFunction): void {
  const validate = validator(frame.action);
  if (validate(frame)) return;
  const problems = validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`);
  throw new Error(`docs/asyncapi.yaml says otherwise: ${JSON.stringify(frame)}: ${problems?.join("; ")}`);
}

function validatorOf(schemas: ReadonlyMap<string, Schema>, prepare: (schema: Schema) => Schema) {
  const ajv = new Ajv({ strict: false });
  const compiled = new Map<string, ValidateFunction>();
  return (action: string) => {
    const found = schemas.get(action);
    if (!found) throw new Error(`docs/asyncapi.yaml says nothing of ${action}.`);
    const validate = compiled.get(action) ?? ajv.compile(prepare(found));
    compiled.set(action, validate);
    return validate;
  };
}

/** Without what API Gateway sends by itself, and without the empty frame: neither has an action. */
function byAction(messages: readonly Message[]): ReadonlyMap<string, Schema> {
  return new Map(
    messages.flatMap(({ payload }) => {
      const action = payload.properties?.action;
      const names = action?.enum ?? (action?.const === undefined ? [] : [action.const]);
      return names.map((name) => [name, payload]);
    }),
  );
}

/** A part of the document with what it refers to in the places of the references. */
function resolved(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(resolved);
  if (typeof node !== "object" || node === null) return node;
  if ("$ref" in node) {
    const path = String(node.$ref).slice(2).split("/");
    return resolved(path.reduce((part, step) => part[step], WHOLE));
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, resolved(value)]));
}

/** The schema without room for what is not documented. */
function closed(open: Schema): Schema {
  const { items, properties } = open;
  return {
    ...open,
    ...(items && { items: closed(items) }),
    ...(properties && {
      additionalProperties: open.additionalProperties ?? false,
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, closed(each)])),
    }),
  };
}
