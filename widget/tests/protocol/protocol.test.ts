import { describe, expect, it } from "vitest";
import { LONGEST_MESSAGE } from "../../src/controls/composer";
import { ACCEPTED, EMITTED, type Schema, schema } from "./document";
import { declared, members, texts } from "./types";

const UNUSED_NAME = "initiateChat";

const sent = framesOf("ClientFrame");
const received = framesOf("ServerFrame");

function framesOf(union: string) {
  return members(union).map((name) => {
    const type = declared(name);
    return { name, action: type.texts.action?.[0] ?? "", ...type };
  });
}

function fieldsOf({ properties = {} }: Schema): readonly string[] {
  return Object.keys(properties).sort();
}

/** The fields of a schema that take one of a few texts. */
function textsIn({ properties = {} }: Schema): Record<string, readonly string[]> {
  const found = Object.entries(properties).map(([name, field]) => [name, textsOf(field)] as const);
  return Object.fromEntries(found.filter(([, values]) => values.length > 0).map(([name, values]) => [name, values]));
}

function textsOf({ enum: values, const: value, allOf = [] }: Schema): readonly string[] {
  return [...(values ?? []), ...(value === undefined ? [] : [value]), ...allOf.flatMap(textsOf)].sort();
}

function sorted(all: readonly string[]): readonly string[] {
  return [...all].sort();
}

describe("src/core/protocol.ts, as docs/asyncapi.yaml has it,", () => {
  it("knows every action that clients send", () => {
    const documented = [...ACCEPTED.keys()].filter((action) => action !== UNUSED_NAME);
    expect(sorted(sent.map(({ action }) => action))).toEqual(sorted(documented));
  });

  it("knows every action that clients receive", () => {
    expect(sorted(received.map(({ action }) => action))).toEqual(sorted([...EMITTED.keys()]));
  });

  it.each(sent)("sends $action with all that is required, and with nothing that is not documented", (frame) => {
    const documented = ACCEPTED.get(frame.action) ?? {};
    expect(frame.required).toEqual(expect.arrayContaining([...(documented.required ?? [])]));
    expect(fieldsOf(documented)).toEqual(expect.arrayContaining([...frame.required, ...frame.optional]));
  });

  it.each(received)("receives $action with the same fields, and counts on those that are required", (frame) => {
    const documented = EMITTED.get(frame.action) ?? {};
    expect(sorted([...frame.required, ...frame.optional])).toEqual(fieldsOf(documented));
    expect(sorted(frame.required)).toEqual(sorted(documented.required ?? []));
  });

  it.each([...received.map((frame) => ({ ...frame, documented: EMITTED.get(frame.action) }))])(
    "expects in $name the same words",
    ({ texts: words, documented = {} }) => {
      const { message, ...others } = textsIn(documented);
      expect(Object.fromEntries(Object.entries(words).map(([name, values]) => [name, sorted(values)]))).toEqual(others);
    },
  );

  it.each([
    ["Entry", "Entry"],
    ["Marks", "Marks"],
    ["Gap", "Gap"],
    ["InboxContact", "InboxItem"],
    ["Colleague", "Colleague"],
    ["QueuePlace", "Queue"],
  ])("has in %s the fields of %s", (type, name) => {
    const { required, optional } = declared(type);
    const documented = schema(name);
    expect(sorted([...required, ...optional])).toEqual(fieldsOf(documented));
    expect(sorted(required)).toEqual(sorted(documented.required ?? []));
  });

  it.each([
    ["ErrorCode", schema("ErrorCode")],
    ["EntryKind", schema("Entry").properties?.kind],
    ["ContactStatus", schema("Status")],
    ["PresenceStatus", schema("Availability")],
    ["Role", schema("Side")],
  ])("has in %s all the words", (type, documented = {}) => {
    expect(sorted(texts(type))).toEqual(textsOf(documented));
  });
});

it("a composer takes as long a message as may be sent", () => {
  expect(LONGEST_MESSAGE).toBe(schema("Text").maxLength);
});
