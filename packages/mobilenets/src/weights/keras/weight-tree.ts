import type { Tensor, TensorData } from "../../tensor.ts";
import { isFloat32 } from "../match/fitting-weights.ts";

/** Groups and weights in Keras' layout, from an HDF5 file, or from another file with their paths. */
export interface WeightTree {
  /** Names of a group's members; none for a weight. */
  readonly names: readonly string[];
  /** A member, or a nested member by a path `a/b/c`. */
  get(path: string): WeightTree | undefined;
  /** An attribute's text or list of texts. */
  texts(name: string): readonly string[] | undefined;
  /** A weight's numbers; undefined for a group, and for integers. */
  tensor(): Promise<Tensor | undefined>;
  /** A weight of signed bytes, as float32. */
  int8(): Promise<Tensor | undefined>;
}

/** A tree of weights, built from their paths. */
export class PathTree implements WeightTree {
  readonly #members = new Map<string, PathTree>();
  readonly #attributes: ReadonlyMap<string, readonly string[]>;
  #weight: Tensor | undefined;

  constructor(attributes: Readonly<Record<string, readonly string[]>> = {}) {
    this.#attributes = new Map(Object.entries(attributes));
  }

  get names(): readonly string[] {
    return [...this.#members.keys()];
  }

  get(path: string): PathTree | undefined {
    const whole = this.#members.get(path);
    if (whole) return whole;
    let tree: PathTree | undefined = this;
    for (const name of path.split("/")) {
      if (!tree) break;
      tree = tree.#members.get(name);
    }
    return tree;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#attributes.get(name);
  }

  async tensor(): Promise<Tensor | undefined> {
    return this.#weight;
  }

  async int8(): Promise<undefined> {
    return undefined;
  }

  /** Adds a weight at its path, with the groups above it. */
  add(path: string, tensor: Tensor<TensorData>): void {
    let tree: PathTree = this;
    for (const name of path.split("/")) {
      const next = tree.#members.get(name) ?? new PathTree();
      tree.#members.set(name, next);
      tree = next;
    }
    if (isFloat32(tensor)) tree.#weight = tensor;
  }

  /** Adds a tree under a name with any characters. */
  put(name: string, tree: PathTree): void {
    this.#members.set(name, tree);
  }
}
