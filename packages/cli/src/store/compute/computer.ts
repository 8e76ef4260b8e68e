import { ImageError, type Model, type Picture, toPicture } from "mobilenets";
import { featuriser, labelledFeaturiser } from "../../extract/features.ts";
import { throwMachineFailure } from "../../pictures/machine-error.ts";
import { mapAhead } from "../../pictures/map-ahead.ts";
import { decodeReduced, type Header, type Reduction, recycle } from "./reduced.ts";

/** A file to decode and compute. */
export interface Job {
  readonly bytes: Uint8Array;
  readonly header: Header;
  /** See `reductionFor`. */
  readonly reduction: Reduction | 1;
}

/** A computer's result for one file. */
export type Answer = Vector | Failure;

/** The reason that a file gives no picture. */
export interface Failure {
  readonly error: { readonly found: string; readonly expected?: string; readonly hint?: string };
}

export interface Vector {
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly embedding: Float32Array;
  readonly labels?: readonly string[];
  readonly scores?: readonly number[];
}

/** Settings of a computer, in addition to its model. */
export interface ComputerSettings {
  readonly layer?: string;
  /** Number of best classes per picture. */
  readonly topK?: number;
  readonly maxPixels: number;
}

/** Decodes files and runs a model on them. */
export class Computer {
  readonly #settings: ComputerSettings;
  readonly #oneByOne: boolean;
  readonly #featurise: (pictures: readonly Picture[]) => Promise<Omit<Vector, "width" | "height">[]>;
  /** The model runs one batch at a time. The next batch is decoded meanwhile. */
  #running: Promise<unknown> = Promise.resolve();

  /** @param oneByOne true if the engine computes pictures singly. At most two pictures are then decoded at a time. */
  constructor(model: Model, settings: ComputerSettings, oneByOne: boolean) {
    this.#settings = settings;
    this.#oneByOne = oneByOne;
    const { layer, topK } = settings;
    const plain = featuriser(model, layer);
    this.#featurise =
      topK === undefined
        ? async (pictures) => (await plain(pictures)).map((embedding) => ({ embedding }))
        : labelledFeaturiser(model, layer, topK);
  }

  /**
   * Gives one answer per file, in order.
   * @throws MachineError for failures that no file causes
   */
  async compute(jobs: readonly Job[]): Promise<Answer[]> {
    if (!this.#oneByOne) return this.#computeBatch(jobs, await Promise.all(jobs.map((job) => this.#decode(job))));
    const answers: Answer[] = [];
    for await (const decoded of mapAhead(jobs, (job) => this.#decode(job), 2)) {
      answers.push(...(await this.#computeBatch([jobs[answers.length]], [decoded])));
    }
    return answers;
  }

  async #computeBatch(jobs: readonly Job[], decoded: readonly (Picture | Failure)[]): Promise<Answer[]> {
    const pictures = decoded.filter((one): one is Picture => !("error" in one));
    const run = this.#running.then(() => this.#run(pictures));
    this.#running = run.catch(() => {});
    const values = await run;
    for (const picture of pictures) recycle(picture);
    let next = 0;
    return decoded.map((one, i) => {
      if ("error" in one) return one;
      const { header, reduction } = jobs[i];
      const size = reduction === 1 ? one : header;
      return { width: size.width, height: size.height, ...values[next++] };
    });
  }

  async #run(pictures: readonly Picture[]): Promise<Omit<Vector, "width" | "height">[]> {
    if (pictures.length === 0) return [];
    return this.#featurise(pictures);
  }

  async #decode({ bytes, header, reduction }: Job): Promise<Picture | Failure> {
    try {
      if (reduction !== 1) return await decodeReduced(bytes, header, reduction);
      return await toPicture(bytes, { limitPixels: this.#settings.maxPixels });
    } catch (error) {
      throwMachineFailure("decoding", error);
      if (!(error instanceof ImageError)) throw error;
      const { found, expected, hint } = error;
      return { error: { found, expected, hint } };
    }
  }
}
