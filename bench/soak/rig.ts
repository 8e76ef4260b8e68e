import { EngineError, MobileNetsError, type Model, type Picture } from "mobilenets";
import type { Rng } from "../../test/fuzz/dice.ts";
import { type Answers, answersOf, type Subject } from "./subjects.ts";

/** A model that operations share, and that any of them may dispose of or break. */
export interface Live {
  readonly subject: number;
  readonly threads: number;
  readonly model: Model;
  /** Numbers of killed and of ended workers when it began to load. */
  readonly born: number;
  disposed: boolean;
}

/** Outcome of a call. */
export type End = "answered" | "aborted" | "disposed" | "killed";

/** Milliseconds after which a call counts as hanging. */
const PATIENCE_MS = 60_000;
export const THREADS = [1, 2] as const;

/** The operations' models, the expected answers, and the problems found. */
export class Rig {
  readonly rng: Rng;
  readonly pictures: readonly (Picture | Uint8Array)[];
  readonly live: Live[] = [];
  readonly wrong: string[] = [];
  /** Counts of outcomes by operation. */
  readonly ends = new Map<string, number>();
  /** Numbers of workers told to end, and of ended ones: a worker may still answer for a while. */
  kills = 0;
  killed = 0;
  readonly #subjects: readonly Subject[];
  readonly #expected: readonly (readonly Answers[])[];

  private constructor(
    rng: Rng,
    subjects: readonly Subject[],
    pictures: readonly (Picture | Uint8Array)[],
    expected: readonly (readonly Answers[])[],
  ) {
    this.rng = rng;
    this.#subjects = subjects;
    this.pictures = pictures;
    this.#expected = expected;
  }

  /** Computes each subject's answers on each number of threads, without other load. */
  static async make(rng: Rng, subjects: readonly Subject[], pictures: readonly (Picture | Uint8Array)[]): Promise<Rig> {
    const expected: Answers[][] = [];
    for (const subject of subjects) {
      const answers: Answers[] = [];
      for (const threads of THREADS) {
        const model = await subject.load(threads);
        answers.push(await answersOf(model, pictures));
        model.dispose();
      }
      expected.push(answers);
    }
    const rig = new Rig(rng, subjects, pictures, expected);
    expected.forEach(([one, two], i) => {
      if (!isNear(one.prediction, two.prediction)) rig.wrong.push(`${subjects[i].name}: threads change the answer`);
    });
    return rig;
  }

  get subjects(): number {
    return this.#subjects.length;
  }

  nameOf({ subject, threads }: Pick<Live, "subject" | "threads">): string {
    return `${this.#subjects[subject].name}, threads ${threads}`;
  }

  expected({ subject, threads }: Live): Answers {
    return this.#expected[subject][threads - 1];
  }

  count(what: string): void {
    this.ends.set(what, (this.ends.get(what) ?? 0) + 1);
  }

  /** Loads a model; undefined if a worker was killed meanwhile, which may make it fail. */
  async load(subject: number, threads: number): Promise<Live | undefined> {
    const born = this.killed;
    try {
      const model = await this.#inTime("load", this.#subjects[subject].load(threads));
      const made = { subject, threads, model, born, disposed: false };
      this.live.push(made);
      return made;
    } catch (error) {
      const isKilled = error instanceof EngineError && threads > 1 && this.kills > born;
      if (!isKilled) this.wrong.push(`load of ${this.nameOf({ subject, threads })}: ${told(error)}`);
      this.count(`load ${isKilled ? "killed" : "failed"}`);
      return undefined;
    }
  }

  dispose(model: Live): void {
    model.disposed = true;
    model.model.dispose();
    const i = this.live.indexOf(model);
    if (i >= 0) this.live.splice(i, 1);
  }

  /**
   * Makes a call, which must give the right answer, or reject with an error of ours for a valid reason.
   * @param signal a signal that the caller may abort
   */
  async call<T>(
    what: string,
    live: Live,
    run: () => Promise<T>,
    isRight: (answer: T) => boolean,
    signal?: AbortSignal,
  ): Promise<End | "wrong"> {
    const end = await this.#ended(what, live, run, isRight, signal);
    this.count(`${what} ${end}`);
    return end;
  }

  async #ended<T>(
    what: string,
    live: Live,
    run: () => Promise<T>,
    isRight: (answer: T) => boolean,
    signal?: AbortSignal,
  ): Promise<End | "wrong"> {
    const { kills } = this;
    try {
      if (isRight(await this.#inTime(what, run()))) return "answered";
      this.wrong.push(`${what} of ${this.nameOf(live)}: another answer than alone`);
      return "wrong";
    } catch (error) {
      if (signal?.aborted && error === signal.reason) return "aborted";
      if (live.disposed && MobileNetsError.is(error) && /dispose\(\)/.test(error.message)) return "disposed";
      const wasKilled = live.threads > 1 && this.kills > live.born;
      if (wasKilled && error instanceof EngineError && /worker/.test(error.message)) return "killed";
      this.wrong.push(`${what} of ${this.nameOf(live)} (${kills} kills before, ${this.kills} now): ${told(error)}`);
      return "wrong";
    }
  }

  /** Runs an operation that must succeed, or reject with an error of ours. */
  async refused(what: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await this.#inTime(what, run());
      this.count(`${what} taken`);
    } catch (error) {
      this.count(`${what} refused`);
      if (!MobileNetsError.is(error)) this.wrong.push(`${what}: ${told(error)}`);
    }
  }

  async #inTime<T>(what: string, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what}: no answer in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }
}

export const isSame = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && Buffer.compare(bytesOf(a), bytesOf(b)) === 0;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

/** Compares answers with a tolerance for the order of additions. */
const isNear = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((x, i) => Math.abs(x - b[i]) <= 1e-5);

const told = (error: unknown) =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
