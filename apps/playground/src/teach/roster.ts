import { text } from "../language.ts";
import type { Lesson, LessonMode, OpenedSession, SessionPlan } from "../worker/teacher/api.ts";
import { heldOutOf } from "./hold-out.ts";

/** An example, by the number under which the worker knows it. */
export interface Sample {
  readonly number: number;
  readonly name: string;
  /** Of the same photograph or recording. */
  readonly group: string;
  readonly url: string;
}

export interface TaughtClass {
  name: string;
  readonly samples: Sample[];
}

/** All classes and their examples, as the page knows them. */
export class Roster {
  readonly classes: TaughtClass[] = [];
  /** Of all samples, those taken away as well, as long as an answer may show them. */
  readonly #urls = new Map<number, string>();

  /** The class of a name, made if there is none; without a name a new one. */
  classOf(name?: string): TaughtClass {
    const found = this.classes.find((one) => one.name === name);
    if (found) return found;
    const made: TaughtClass = { name: name ?? this.#freeName(), samples: [] };
    this.classes.push(made);
    return made;
  }

  add(to: TaughtClass, number: number, name: string, group: string, picture: Blob): Sample {
    const sample = { number, name, group, url: URL.createObjectURL(picture) };
    this.#urls.set(number, sample.url);
    to.samples.push(sample);
    return sample;
  }

  urlOf(number: number): string {
    return this.#urls.get(number) ?? "";
  }

  /** A sample that is there, with its class. */
  find(number: number): { readonly sample: Sample; readonly of: TaughtClass } | undefined {
    for (const of of this.classes) {
      const sample = of.samples.find((one) => one.number === number);
      if (sample) return { sample, of };
    }
    return undefined;
  }

  removeClass(one: TaughtClass): void {
    this.classes.splice(this.classes.indexOf(one), 1);
  }

  removeSample(from: TaughtClass, sample: Sample): void {
    from.samples.splice(from.samples.indexOf(sample), 1);
  }

  /** Numbers of a class's samples that are held out. */
  heldOut({ samples }: TaughtClass): ReadonlySet<number> {
    const groups = heldOutOf(samples.map(({ group }) => group));
    return new Set(samples.filter(({ group }) => groups.has(group)).map(({ number }) => number));
  }

  /** What there is to learn; classes without a picture are left out. */
  lesson(mode: LessonMode): Lesson {
    const taught = this.classes.filter(({ samples }) => samples.length > 0);
    const examples = taught.flatMap((one, label) => {
      const held = this.heldOut(one);
      return one.samples.map(({ number }) => ({ number, label, heldOut: held.has(number) }));
    });
    return { classes: taught.map(({ name }) => name), examples, mode };
  }

  plan(): SessionPlan {
    return {
      classes: this.classes.map(({ name, samples }) => ({
        name,
        pictures: samples.map(({ number, name: picture, group }) => ({ number, name: picture, group })),
      })),
    };
  }

  /** Takes the place of all classes. */
  replace({ plan, pictures }: OpenedSession): void {
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
    this.classes.length = 0;
    for (const { name, pictures: own } of plan.classes) {
      const made: TaughtClass = { name, samples: [] };
      this.classes.push(made);
      for (const one of own) this.add(made, one.number, one.name, one.group, pictures.get(one.number)!);
    }
  }

  #freeName(): string {
    for (let number = this.classes.length + 1; ; number++) {
      const name = text("newClass", { number });
      if (this.classes.every((one) => one.name !== name)) return name;
    }
  }
}
