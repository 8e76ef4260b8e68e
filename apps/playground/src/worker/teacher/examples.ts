import { Model } from "mobilenets";
import { type Program, selectEngine } from "mobilenets/graph";
import { splitAtClassifier, withClassifier } from "mobilenets/train";
import type { WritableModel } from "mobilenets/weights";
import type { Frame } from "../../classify/frames.ts";
import { keepsakeOf } from "../keepsake.ts";
import type { Added } from "./api.ts";

/** The part of a network up to its features, ready to run. */
export class Backbone {
  readonly model: Model;
  readonly count: number;

  constructor(source: WritableModel, program: Program, count: number) {
    const { preprocessing } = source;
    this.model = new Model({ program, preprocessing, labels: [] }, selectEngine("auto"));
    this.count = count;
  }

  /** Makes the backbone of a network; a new classifier will replace any classifier of its own. */
  static of(source: WritableModel): Backbone {
    const { program } = withClassifier(source, { labels: ["a", "b"] });
    const { backbone, featureCount } = splitAtClassifier(program, "softmax");
    return new Backbone(source, backbone, featureCount);
  }

  async features(picture: Blob): Promise<Float32Array> {
    const [layer] = this.model.program.graph.outputs;
    const { [layer]: values } = await this.model.features(picture, [layer]);
    return values.data;
  }
}

interface Example {
  readonly picture: Blob;
  vector: Float32Array;
}

/** The example pictures of a session, and their features. */
export class Examples {
  readonly #all = new Map<number, Example>();
  #next = 0;

  async add(backbone: Backbone, source: Blob | Frame): Promise<Added> {
    const picture = await keepsakeOf(source);
    const vector = await backbone.features(picture);
    const number = this.#next++;
    this.#all.set(number, { picture, vector });
    return { number, picture };
  }

  remove(numbers: readonly number[]): void {
    for (const number of numbers) this.#all.delete(number);
  }

  picture(number: number): Blob {
    return this.#of(number).picture;
  }

  vector(number: number): Float32Array {
    return this.#of(number).vector;
  }

  /** Computes the features with another network. */
  async renew(backbone: Backbone): Promise<void> {
    for (const example of this.#all.values()) example.vector = await backbone.features(example.picture);
  }

  #of(number: number): Example {
    const example = this.#all.get(number);
    if (!example) throw new Error(`example ${number} is not there any more`);
    return example;
  }
}
