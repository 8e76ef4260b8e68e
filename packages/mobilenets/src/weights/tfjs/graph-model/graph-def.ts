import { WeightsError } from "../../../errors.ts";
import { show } from "../../../show.ts";
import { asList, asName, asObject, type JsonObject } from "../../containers/json.ts";

/** Most nodes. The largest MobileNet, without optimisation, has about 1,500. */
const MAX_NODES = 4096;
/** Most inputs of one node. */
const MAX_INPUTS = 16;

/** A node of TensorFlow's GraphDef in protobuf's JSON form: bytes are base64, 64-bit integers are texts. */
export class NodeDef {
  readonly name: string;
  readonly op: string;
  /** Names of the nodes whose first output it reads, without control inputs. */
  readonly inputs: readonly string[];
  readonly #attrs: JsonObject;
  readonly #where: string;

  constructor(json: unknown, where: string) {
    const node = asObject(json, where, "a node");
    this.name = asName(node.name, where, "a node's name");
    this.op = asName(node.op, where, `op of ${show(this.name)}`);
    this.#where = `${where}: ${this.op} ${show(this.name)}`;
    const inputs = asList(node.input ?? [], this.#where, "input").map((input) =>
      asName(input, this.#where, "an input"),
    );
    if (inputs.length > MAX_INPUTS) this.refuse(`${inputs.length} inputs`, `at most ${MAX_INPUTS}`);
    // "^name" is a control input; "name:0" is the first output, and usually the only one.
    this.inputs = inputs.filter((input) => !input.startsWith("^")).map((input) => input.replace(/:0$/, ""));
    this.#attrs = asObject(node.attr ?? {}, this.#where, "attr");
  }

  refuse(found: string, expected?: string, hint?: string): never {
    throw new WeightsError({ where: this.#where, found, expected, hint });
  }

  text(key: string): string | undefined {
    const { s } = this.#attr(key);
    return s === undefined ? undefined : this.#text(s);
  }

  texts(key: string): readonly string[] {
    return this.#list(key, "s").map((s) => this.#text(s));
  }

  flag(key: string): boolean {
    return this.#attr(key).b === true;
  }

  number(key: string): number | undefined {
    const { f } = this.#attr(key);
    return f === undefined || typeof f === "number" ? f : this.refuse(`${key} ${show(f)}`, "a number");
  }

  integer(key: string): number {
    const { i } = this.#attr(key);
    return i === undefined ? 0 : this.#integer(i);
  }

  integers(key: string): readonly number[] {
    return this.#list(key, "i").map((i) => this.#integer(i));
  }

  /** Sizes by dimension, -1 for an open size; undefined if the node has none. */
  shape(key: string): readonly number[] | undefined {
    const { shape } = this.#attr(key);
    const { dim } = asObject(shape ?? {}, this.#where, key);
    return dim === undefined ? undefined : asList(dim, this.#where, key).map((one) => this.#integer(sizeOfDim(one)));
  }

  #attr(key: string): JsonObject {
    const attr = Object.hasOwn(this.#attrs, key) ? this.#attrs[key] : {};
    return asObject(attr, this.#where, key);
  }

  #list(key: string, kind: "i" | "s"): readonly unknown[] {
    const { list } = this.#attr(key);
    const items = asObject(list ?? {}, this.#where, key)[kind];
    return items === undefined ? [] : asList(items, this.#where, key);
  }

  #text(base64: unknown): string {
    try {
      return atob(base64 as string);
    } catch {
      return this.refuse(`a text ${show(base64)}`, "base64");
    }
  }

  #integer(value: unknown): number {
    const n = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    return Number.isSafeInteger(n) ? (n as number) : this.refuse(`the integer ${show(value)}`, "a whole number");
  }
}

/** The size in `{ "size": "3" }`; a size of 0 is left out. */
function sizeOfDim(dim: unknown): unknown {
  return (dim as { size?: unknown } | null)?.size ?? 0;
}

/**
 * The nodes that an output needs, each after its inputs.
 * @throws WeightsError for two nodes of one name, missing inputs, and cycles
 */
export function nodesInOrder(json: unknown, output: string, where: string): readonly NodeDef[] {
  const list = asList(json, where, "node");
  if (list.length > MAX_NODES) {
    throw new WeightsError({ where, found: `${list.length} nodes`, expected: `at most ${MAX_NODES}` });
  }
  const nodes = new Map<string, NodeDef>();
  for (const item of list) {
    const node = new NodeDef(item, where);
    if (nodes.has(node.name)) node.refuse("another node of this name");
    nodes.set(node.name, node);
  }
  const ordered: NodeDef[] = [];
  const state = new Map<NodeDef, "open" | "done">();
  const find = (name: string): NodeDef => {
    const node = nodes.get(name);
    if (node) return node;
    throw new WeightsError({ where, found: `no node ${show(name)}`, expected: "every input that a node names" });
  };
  // Depth first with an explicit stack, because the file decides the depth.
  const stack = [find(output)];
  for (let node = stack.at(-1); node; node = stack.at(-1)) {
    if (state.get(node) === undefined) {
      state.set(node, "open");
      const waiting = node.inputs.map(find).filter((input) => state.get(input) !== "done");
      if (waiting.some((input) => state.get(input) === "open")) node.refuse("a cycle of inputs");
      for (const input of waiting) stack.push(input);
    } else {
      stack.pop();
      if (state.get(node) === "open") ordered.push(node);
      state.set(node, "done");
    }
  }
  return ordered;
}

/** Nodes of the outputs with the outputs' names: those of the signature, or nodes that no other node reads. */
export function outputsOf(
  json: unknown,
  signature: unknown,
  where: string,
): readonly { readonly name: string; readonly node: string }[] {
  const outputs = (signature as { outputs?: unknown } | null | undefined)?.outputs;
  if (outputs !== undefined) {
    const entries = Object.entries(asObject(outputs, where, "outputs of the signature"));
    if (entries.length === 0) throw new WeightsError({ where, found: "0 outputs", expected: "1" });
    return entries.map(([key, entry]) => {
      const { name } = asObject(entry, where, "an output of the signature");
      return { name: key, node: asName(name, where, "an output's name").replace(/:0$/, "") };
    });
  }
  const nodes = asList(json, where, "node").map((node) => new NodeDef(node, where));
  const taken = new Set(nodes.flatMap(({ inputs }) => inputs));
  const ends = nodes.filter(({ name, op }) => !taken.has(name) && op !== "NoOp");
  if (ends.length > 0) return ends.map(({ name }) => ({ name, node: name }));
  throw new WeightsError({
    where,
    found: `${ends.length} nodes without a reader, and no signature`,
    expected: "1, the result",
  });
}
