import { text } from "../language.ts";
import type { Lesson, LessonMode, OpenedSession, SessionPlan } from "../worker/teacher/api.ts";
import { heldOutOf } from "./hold-out.ts";

/** An example, by the worker's number. */
export interface Sample {
  readonly number: number;
  readonly name: string;
  /** The photograph or recording that it belongs to. */
  readonly group: string;
  readonly url: string;
}

export interface TaughtClass {
  name: string;
  readonly samples: Sample[];
}

/** The page's list of all classes and their examples. */
export class Roster {
  readonly classes: TaughtClass[] = [];
  /** Addresses of all samples, including removed ones that an answer may still show. */
  readonly #urls = new Map<number, string>();

  /** The class of a name, created if there is none; without a name, a new class. */
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

  /** A sample that is not removed, with its class. */
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

  /** Numbers of a class's held-out samples. */
  heldOut({ samples }: TaughtClass): ReadonlySet<number> {
    const groups = heldOutOf(samples.map(({ group }) => group));
    return new Set(samples.filter(({ group }) => groups.has(group)).map(({ number }) => number));
  }

  /** The lesson of all classes with a picture. */
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

  /** Replaces all classes by those of a session. */
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
