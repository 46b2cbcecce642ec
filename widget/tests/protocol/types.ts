import { readFileSync } from "node:fs";
import { parseAst } from "vite";

/** A type of src/core/protocol.ts: an object's fields, or the texts that it can be. */
export interface Declared {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** The texts of each field that is one of a few. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

// Of the syntax tree (ESTree with TypeScript's nodes) what is read here.
interface Node {
  readonly type: string;
  readonly id?: { readonly name: string };
  readonly declaration?: Node;
  readonly body?: Node & { readonly body: readonly Node[] };
  readonly extends?: readonly Extended[];
  readonly key?: { readonly name: string };
  readonly optional?: boolean;
  readonly typeAnnotation?: Node;
  readonly types?: readonly Node[];
  readonly typeName?: { readonly name: string };
  readonly literal?: { readonly value: unknown };
}

interface Extended {
  readonly expression: { readonly name: string };
  readonly typeArguments?: { readonly params: readonly Node[] };
}

const NODES = ["protocol.ts", "seller-protocol.ts"]
  .map((name) => readFileSync(`${import.meta.dirname}/../../src/core/${name}`, "utf8"))
  .flatMap((source) => parseAst(source, { lang: "ts" }).body as unknown as readonly Node[])
  .map(({ declaration }) => declaration);

function find(name: string): Node {
  const node = NODES.find((each) => each?.id?.name === name);
  if (!node) throw new Error(`src/core/protocol.ts declares no ${name}.`);
  return node;
}

/** The names of a union's members, and of those of the unions in it. */
export function members(union: string): readonly string[] {
  const names = find(union).typeAnnotation?.types?.map(({ typeName }) => typeName?.name ?? "") ?? [];
  return names.flatMap((name) => (find(name).typeAnnotation?.type === "TSUnionType" ? members(name) : [name]));
}

/** The texts that a type can be. */
export function texts(name: string): readonly string[] {
  return textsOf(find(name).typeAnnotation);
}

function textsOf(node: Node | undefined): readonly string[] {
  if (node?.type === "TSUnionType") return node.types?.flatMap(textsOf) ?? [];
  if (node?.type === "TSLiteralType" && typeof node.literal?.value === "string") return [node.literal.value];
  if (node?.type !== "TSTypeReference") return [];
  const referred = NODES.find((each) => each?.id?.name === node.typeName?.name);
  return referred?.type === "TSTypeAliasDeclaration" ? textsOf(referred.typeAnnotation) : [];
}

/** What an interface has of another one: of `Partial` all as optional, of `Omit` all but what is named. */
function extended({ expression: { name }, typeArguments }: Extended): Declared {
  if (name !== "Partial" && name !== "Omit") return declared(name);
  const [of, left] = typeArguments?.params ?? [];
  const { required, optional, texts } = declared(of?.typeName?.name ?? "");
  if (name === "Partial") return { required: [], optional: [...required, ...optional], texts };
  const others = (each: string) => !textsOf(left).includes(each);
  return { required: required.filter(others), optional: optional.filter(others), texts };
}

export function declared(name: string): Declared {
  const node = find(name);
  const inherited = (node.extends ?? []).map(extended);
  const own = node.body?.body ?? [];
  const named = (isOptional: boolean) =>
    own.flatMap(({ key, optional = false }) => (key && optional === isOptional ? [key.name] : []));
  return {
    required: [...inherited.flatMap(({ required }) => required), ...named(false)],
    optional: [...inherited.flatMap(({ optional }) => optional), ...named(true)],
    texts: Object.assign(
      {},
      ...inherited.map((each) => each.texts),
      ...own.map(({ key, typeAnnotation }) => {
        const found = textsOf(typeAnnotation?.typeAnnotation);
        return key && found.length > 0 ? { [key.name]: found } : {};
      }),
    ),
  };
}
