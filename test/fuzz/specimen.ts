import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { below, chance, type Rng } from "./dice.ts";
import { changeTree, copyOf, type Habits, type Members } from "./fields/tree.ts";

/** A model from an untrusted source: its file and those beside it. */
export interface Case {
  /** Name of the model's file, one of `files`. */
  readonly model: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Descriptions of the changes. */
  readonly changes: readonly string[];
  /** The network, for files that do not name it. */
  readonly network?: string;
  readonly options?: ModelOptions;
}

/** A valid file with known fields. */
export interface Specimen {
  readonly name: string;
  /** The valid file or, with `rng`, one with a few random changes of fields. */
  make(rng?: Rng): Case;
}

/** A number of changes, one to three. */
export const howMany = (rng: Rng) => 1 + below(rng, 3);

export interface TreeSpecimen extends Habits {
  readonly name: string;
  readonly tree: Members;
  /** Makes redundant sizes consistent, so that they are not the reason of a refusal; applied to most files. */
  mend?(tree: Members): void;
  /** @throws any error for a tree that cannot be written */
  write(tree: Members): Omit<Case, "changes">;
}

/** A specimen that is written from a tree of its fields. */
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
/** Most bytes of a case: larger files only take time. */
const MAX_BYTES = 2 ** 23;

/** Repeats until a case can be written: some changes cannot, or make files too large. */
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
