import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { below, chance, type Rng } from "./dice.ts";
import { changeTree, copyOf, type Habits, type Members } from "./fields/tree.ts";

/** A model as a stranger might hand it over: its file and what lies beside it. */
export interface Case {
  /** Name of the model's file, one of `files`. */
  readonly model: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** What was done to it, in words. */
  readonly changes: readonly string[];
  /** For files that do not say which network they are of. */
  readonly network?: string;
  readonly options?: ModelOptions;
}

/** A good file whose fields are known. */
export interface Specimen {
  readonly name: string;
  /** The good file, or one with a few fields changed, each time others. */
  make(rng?: Rng): Case;
}

/** One to three. */
export const howMany = (rng: Rng) => 1 + below(rng, 3);

export interface TreeSpecimen extends Habits {
  readonly name: string;
  readonly tree: Members;
  /** Puts sizes right that the format has twice, so that a change is not refused for these; done to most files. */
  mend?(tree: Members): void;
  /** @throws what it will for a tree that cannot be written */
  write(tree: Members): Omit<Case, "changes">;
}

/** A file that is written from a tree of its fields. */
export function treeSpecimen({ name, tree, mend, write, ...habits }: TreeSpecimen): Specimen {
  return {
    name,
    make(rng) {
      if (!rng) return { ...write(copyOf(tree)), changes: [] };
      return untilWritten(() => {
        const changed = copyOf(tree);
        const changes = Array.from({ length: howMany(rng) }, () => changeTree(changed, rng, habits));
        if (mend && chance(rng, 0.7)) mend(changed);
        return { ...write(changed), changes };
      });
    },
  };
}

const ATTEMPTS = 50;
/** More tells nothing new, and takes time. */
const MAX_BYTES = 2 ** 23;

/** Some changes no writer can write, or make files that are too large. */
export function untilWritten(make: () => Case): Case {
  let reason: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const made = make();
      const bytes = Object.values(made.files).reduce((sum, { length }) => sum + length, 0);
      if (bytes <= MAX_BYTES) return made;
      reason = new Error(`${bytes} bytes`);
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`no change of ${ATTEMPTS} could be written`, { cause: reason });
}
