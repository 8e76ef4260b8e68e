import type { Model } from "mobilenets";
import type { WritableModel } from "mobilenets/weights";
import type { Frame } from "../../classify/frames.ts";
import type {
  Added,
  Exported,
  ExportFormat,
  Lesson,
  LessonProgress,
  Lessons,
  OpenedSession,
  Report,
  SessionPlan,
  TaughtAnswer,
} from "./api.ts";
import { Backbone, Examples } from "./examples.ts";
import { exportAs } from "./export.ts";
import { headOf, type Pupil, teachBlocks, teachHead } from "./learn.ts";
import { readSession, writeSession } from "./session-file.ts";
import { reportOn, Taught, vectorsBy } from "./taught.ts";

type Tell = (progress: LessonProgress) => Promise<void>;

/** Lets pending messages through, such as a stop: training on one thread never waits. */
const breathe = () => new Promise<void>((done) => setTimeout(done));

/** Teaches classes by examples, for the page. */
export class Teacher {
  readonly #examples = new Examples();
  #base: { readonly source: Model; readonly backbone: Backbone } | undefined;
  #taught: Taught | undefined;
  #work = new AbortController();

  async add(model: Model, source: Blob | Frame): Promise<Added> {
    return this.#examples.add(this.#backboneOf(model), source);
  }

  remove(numbers: readonly number[]): void {
    this.#examples.remove(numbers);
  }

  /** Handles a new network: forgets what the old one was taught. */
  async renew(model: Model): Promise<void> {
    this.#forget();
    await this.#examples.renew(this.#backboneOf(model));
  }

  async teach(model: Model, lesson: Lesson, tell: Tell): Promise<Lessons> {
    const start = performance.now();
    this.#work = new AbortController();
    const { signal } = this.#work;
    let phase: LessonProgress["phase"] = "head";
    let done = 0;
    const vectors = (number: number) => this.#examples.vector(number);
    const pupil: Pupil = {
      model,
      lesson,
      vectors,
      picture: (number) => this.#examples.picture(number),
      signal,
      onStep: async (share) => {
        done = share;
        await tell({ phase, done });
        await breathe();
      },
      onReport: (report) => tell({ phase, done, report }),
    };
    this.#backboneOf(model);
    let taught = await teachHead(pupil);
    let own = vectors;
    if (lesson.mode === "blocks" && !signal.aborted) {
      phase = "blocks";
      taught = await teachBlocks(taught, pupil, async (so) => {
        const seen = await vectorsBy(so, lesson, pupil.picture, breathe);
        return reportOn(headOf(so.program), lesson, seen);
      });
      phase = "features";
      own = await vectorsBy(taught, lesson, pupil.picture, pupil.onStep);
    }
    const report = await this.#take(taught, lesson, own);
    return { report, seconds: (performance.now() - start) / 1000, stopped: signal.aborted };
  }

  stop(): void {
    this.#work.abort();
  }

  ask(picture: Blob | Frame): Promise<TaughtAnswer> {
    return this.#trained().ask(picture);
  }

  export(format: ExportFormat): Promise<Exported> {
    return exportAs(this.#trained().model, format);
  }

  /** @param network the session's network, if it is not the page's own */
  save(plan: SessionPlan, network: Model | undefined): Promise<Blob> {
    return writeSession({ plan, picture: (number) => this.#examples.picture(number), network, taught: this.#taught });
  }

  /**
   * Replaces everything by a session. After a stop it keeps the pictures read so far, and the trained weights if all of
   * their examples are among them.
   * @param take makes a network the current one
   */
  async open(
    file: Blob,
    name: string,
    take: (network: Uint8Array | undefined) => Promise<Model>,
    tell: Tell,
  ): Promise<OpenedSession> {
    const saved = await readSession(file, name);
    const model = await take(saved.network);
    this.#forget();
    this.#work = new AbortController();
    const { signal } = this.#work;
    const backbone = this.#backboneOf(model);
    const pictures = new Map<number, Blob>();
    const numbers = new Map<number, number>();
    for (const [old, picture] of saved.pictures) {
      if (signal.aborted) break;
      const added = await this.#examples.add(backbone, picture);
      numbers.set(old, added.number);
      pictures.set(added.number, added.picture);
      await tell({ phase: "features", done: pictures.size / saved.pictures.size });
      await breathe();
    }
    const renumbered = (number: number) => numbers.get(number)!;
    const classes = saved.plan.classes.map((one) => ({
      ...one,
      pictures: one.pictures
        .filter(({ number }) => numbers.has(number))
        .map((picture) => ({ ...picture, number: renumbered(picture.number) })),
    }));
    let report: Report | undefined;
    if (saved.taught?.lesson.examples.every(({ number }) => numbers.has(number))) {
      const { model: network } = saved.taught;
      const examples = saved.taught.lesson.examples.map((one) => ({ ...one, number: renumbered(one.number) }));
      const lesson = { ...saved.taught.lesson, examples };
      const picture = (number: number) => this.#examples.picture(number);
      const own = lesson.mode === "head" ? undefined : await vectorsBy(network, lesson, picture, breathe);
      report = await this.#take(network, lesson, own ?? ((number) => this.#examples.vector(number)));
    }
    const taught = report && saved.taught ? { report, classes: saved.taught.lesson.classes } : null;
    return { plan: { classes }, pictures, taught, missing: saved.pictures.size - pictures.size };
  }

  async #take(model: WritableModel, lesson: Lesson, vectors: Taught["vectors"]): Promise<Report> {
    // The page may remove examples later: their features stay.
    const kept = new Map(lesson.examples.map(({ number }) => [number, vectors(number)]));
    const own = (number: number) => kept.get(number)!;
    const report = await reportOn(headOf(model.program), lesson, own);
    this.#taught?.dispose();
    this.#taught = new Taught(model, lesson, own);
    return report;
  }

  #trained(): Taught {
    if (!this.#taught) throw new Error("nothing has been taught yet");
    return this.#taught;
  }

  #forget(): void {
    this.#work.abort();
    this.#taught?.dispose();
    this.#taught = undefined;
  }

  #backboneOf(model: Model): Backbone {
    if (this.#base?.source === model) return this.#base.backbone;
    this.#base?.backbone.model.dispose();
    this.#base = { source: model, backbone: Backbone.of(model) };
    return this.#base.backbone;
  }
}
