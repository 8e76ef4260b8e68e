import { OptionError } from "../../errors.ts";

/** Bounds of a random number. */
export type Range = readonly [min: number, max: number];

/**
 * Random changes to training pictures, as plain data. A field left out is off. The changes apply in this order, with a
 * random generator for each example; mixup and cutmix work on whole batches.
 */
export interface Augmentation {
  /**
   * Moves the picture by up to this share of its width and height, by whole pixels, repeating its edge: pad and crop.
   * For small pictures with the object in the middle.
   */
  readonly randomShift?: number;
  /**
   * RandomResizedCrop: a part of the picture fills the input. `scale` is its share of the area, `ratio` its width to height
   * relative to those of the network's input. Without it, the preprocessing's crop applies.
   */
  readonly randomResizedCrop?: { readonly scale: Range; readonly ratio: Range };
  /** Probability of mirroring left to right. */
  readonly horizontalFlip?: number;
  readonly colorJitter?: ColorJitter;
  /** With `probability`, sets a rectangle to 0, which is the mean; `scale` is its share of the input. */
  readonly randomErasing?: { readonly probability: number; readonly scale: Range; readonly ratio: Range };
  /** Mixes each example with another of its batch, by a share drawn from Beta(a, a). Usual: 0.2. */
  readonly mixup?: number;
  /** Puts a rectangle of another example of its batch into each, of an area drawn from Beta(a, a). Usual: 1. */
  readonly cutmix?: number;
}

/** Each factor is drawn from 1 - x to 1 + x (not below 0); 0 or undefined turns it off. */
export interface ColorJitter {
  readonly brightness?: number;
  readonly contrast?: number;
  readonly saturation?: number;
}

/** Named settings: `flip` for small centred pictures, `light` for other small pictures, `standard` for photographs. */
export const augmentations = {
  none: {},
  flip: { horizontalFlip: 0.5 },
  light: { randomShift: 0.1, horizontalFlip: 0.5 },
  standard: {
    randomResizedCrop: { scale: [0.35, 1], ratio: [3 / 4, 4 / 3] },
    horizontalFlip: 0.5,
    colorJitter: { brightness: 0.3, contrast: 0.3, saturation: 0.3 },
    randomErasing: { probability: 0.25, scale: [0.02, 0.2], ratio: [0.3, 3.3] },
  },
} as const satisfies Record<string, Augmentation>;

/** Name of one of `augmentations`. */
export type AugmentationName = keyof typeof augmentations;

/** @throws OptionError naming the field that is unknown or out of range */
export function checkAugmentation(augmentation: Augmentation): void {
  for (const [name, value] of Object.entries(augmentation)) {
    const rule = rules[name as keyof Augmentation];
    if (rule === undefined) {
      const expected = Object.keys(rules).join(", ");
      throw new OptionError({ where: "augmentation", found: `unknown field ${JSON.stringify(name)}`, expected });
    }
    if (value === undefined || rule.holds(value as never)) continue;
    throw new OptionError({
      where: "augmentation",
      found: `${name} is ${JSON.stringify(value)}`,
      expected: rule.expected,
    });
  }
}

interface Rule {
  readonly expected: string;
  // The values may come from a file or a caller without types.
  holds(value: never): boolean;
}

const share: Rule = { expected: "a number from 0 to 1", holds: isShare };
const alpha: Rule = { expected: "a positive number", holds: (x: unknown) => Number.isFinite(x) && (x as number) > 0 };
const area = "scale: [min, max] within (0, 1], ratio: [min, max] above 0";

const rules: Record<keyof Augmentation, Rule> = {
  randomShift: { expected: "a share of 0 or more and below 1", holds: (x: unknown) => isShare(x) && x < 1 },
  randomResizedCrop: { expected: `{ ${area} }`, holds: hasArea },
  horizontalFlip: share,
  colorJitter: {
    expected: "{ brightness, contrast, saturation } of 0 or more",
    holds: (jitter: object) => Object.values(jitter).every((x) => x === undefined || (Number.isFinite(x) && x >= 0)),
  },
  randomErasing: {
    expected: `{ probability: 0 to 1, ${area} }`,
    holds: (x: { probability: number; scale: Range; ratio: Range }) => isShare(x.probability) && hasArea(x),
  },
  mixup: alpha,
  cutmix: alpha,
};

function isShare(x: unknown): x is number {
  return typeof x === "number" && x >= 0 && x <= 1;
}

function hasArea({ scale, ratio }: { scale?: Range; ratio?: Range }): boolean {
  return isRange(scale) && scale[1] <= 1 && isRange(ratio);
}

function isRange(range: Range | undefined): range is Range {
  return Array.isArray(range) && range.length === 2 && range[0] > 0 && range[0] <= range[1] && range[1] < Infinity;
}
