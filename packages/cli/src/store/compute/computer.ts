import { ImageError, type Model, type Picture, toPicture } from "mobilenets";
import { featuriser, labelledFeaturiser } from "../../extract/features.ts";
import { throwMachineFailure } from "../../pictures/machine-error.ts";
import { decodeReduced, type Header, type Reduction } from "./reduced.ts";

/** A file to decode and compute. */
export interface Job {
  readonly bytes: Uint8Array;
  readonly header: Header;
  /** See `reductionFor`. */
  readonly reduction: Reduction | 1;
}

/** What a computer made of a file. */
export type Answer =
  | Vector
  | { readonly error: { readonly found: string; readonly expected?: string; readonly hint?: string } };

export interface Vector {
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly embedding: Float32Array;
  readonly labels?: readonly string[];
  readonly scores?: readonly number[];
}

/** What a computer has to know beside its model. */
export interface ComputerSettings {
  readonly layer?: string;
  /** Best classes of each picture. */
  readonly topK?: number;
  readonly maxPixels: number;
}

/** Decodes files and runs a model on them, a batch at a time. */
export class Computer {
  readonly #settings: ComputerSettings;
  readonly #featurise: (pictures: readonly Picture[]) => Promise<Omit<Vector, "width" | "height">[]>;
  /** The model runs one batch at a time; the next is decoded meanwhile. */
  #running: Promise<unknown> = Promise.resolve();

  constructor(model: Model, settings: ComputerSettings) {
    this.#settings = settings;
    const { layer, topK } = settings;
    const plain = featuriser(model, layer);
    this.#featurise =
      topK === undefined
        ? async (pictures) => (await plain(pictures)).map((embedding) => ({ embedding }))
        : labelledFeaturiser(model, layer, topK);
  }

  /**
   * An answer for each file.
   * @throws MachineError for what is no file's fault
   */
  async compute(jobs: readonly Job[]): Promise<Answer[]> {
    const decoded = await Promise.all(jobs.map((job) => this.#decode(job)));
    const pictures = decoded.filter((one): one is Picture => !("error" in one));
    const run = this.#running.then(() => this.#run(pictures));
    this.#running = run.catch(() => {});
    const values = await run;
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

  async #decode({ bytes, header, reduction }: Job): Promise<Picture | Extract<Answer, { error: object }>> {
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
