import { GraphError } from "../errors.ts";
import type { Shape } from "../tensor.ts";
import type { Attrs, Graph, Node, ParamSpec } from "./graph.ts";
import { checkName, resultShape } from "./infer.ts";
import type { Op } from "./op.ts";

/** Collects layers in creation order; shapes are inferred and checked as each is added. */
export class GraphBuilder {
  readonly #name: string;
  readonly #input: { name: string; shape: Shape };
  readonly #nodes: Node[] = [];
  readonly #params: Record<string, ParamSpec> = {};
  readonly #shapes = new Map<string, Shape>();
  readonly #counts = new Map<string, number>();

  /**
   * @param inputShape one picture, `[height, width, channels]`
   * @throws GraphError for an input name that every JavaScript object has
   */
  constructor(name: string, inputShape: Shape, inputName = "input", batch = 1) {
    checkName(inputName);
    this.#name = name;
    this.#input = { name: inputName, shape: [batch, ...inputShape] };
    this.#shapes.set(inputName, this.#input.shape);
  }

  get input(): string {
    return this.#input.name;
  }

  /** Shape of a value: the input, a layer's result or a parameter. */
  shapeOf(value: string): Shape {
    const shape = this.#shapes.get(value);
    if (shape) return shape;
    throw new GraphError({ where: this.#name, found: `no value named "${value}"` });
  }

  /** Keras' automatic name: `conv2d`, `conv2d_1`, ... in order of the calls. */
  autoName(prefix: string): string {
    const count = this.#counts.get(prefix) ?? 0;
    this.#counts.set(prefix, count + 1);
    return count === 0 ? prefix : `${prefix}_${count}`;
  }

  /**
   * Adds a layer with its parameters and returns its name, which is its value's name too.
   * @throws GraphError if the name is taken or the inputs do not fit
   */
  add<A extends Attrs>(op: Op<A>, name: string, inputs: readonly string[], attrs: A): string {
    const data = inputs.map((input) => this.shapeOf(input));
    const params = Object.entries(op.params?.(data, attrs) ?? {});
    const paramNames = params.map(([weight]) => `${name}/${weight}`);
    const taken = [name, ...paramNames].find((value) => this.#shapes.has(value));
    if (taken !== undefined) {
      throw new GraphError({ where: taken, found: "two layers of this name", expected: "unique layer names" });
    }
    const shape = resultShape(op, name, [...data, ...params.map(([, spec]) => spec.shape)], attrs);
    params.forEach(([, spec], i) => {
      this.#params[paramNames[i]] = spec;
      this.#shapes.set(paramNames[i], spec.shape);
    });
    this.#nodes.push({ name, op: op.name, inputs: [...inputs, ...paramNames], attrs, shape });
    this.#shapes.set(name, shape);
    return name;
  }

  build(...outputs: string[]): Graph {
    for (const output of outputs) {
      if (this.#nodes.some(({ name }) => name === output)) continue;
      const found = output === this.input ? "an output that is the input itself" : `no layer named "${output}"`;
      throw new GraphError({ where: this.#name, found, expected: "the result of a layer as output" });
    }
    return { name: this.#name, input: this.#input, params: this.#params, nodes: this.#nodes, outputs };
  }
}
