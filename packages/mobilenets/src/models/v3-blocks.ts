/** One row of Howard et al. 2019, tables 1 and 2. */
export interface V3Block {
  /** Expanded channels; the table's `exp size`. */
  readonly expanded: number;
  /** Output channels. */
  readonly out: number;
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  readonly squeeze: boolean;
  /** The table's RE or HS. */
  readonly nonlinearity: "RE" | "HS";
}

type Row = [expanded: number, out: number, kernel: 3 | 5, stride: 1 | 2, squeeze: 0 | 1, nonlinearity: "RE" | "HS"];

const block = ([expanded, out, kernel, stride, squeeze, nonlinearity]: Row): V3Block => ({
  expanded,
  out,
  kernel,
  stride,
  squeeze: squeeze === 1,
  nonlinearity,
});

const smallRows: Row[] = [
  [16, 16, 3, 2, 1, "RE"],
  [72, 24, 3, 2, 0, "RE"],
  [88, 24, 3, 1, 0, "RE"],
  [96, 40, 5, 2, 1, "HS"],
  [240, 40, 5, 1, 1, "HS"],
  [240, 40, 5, 1, 1, "HS"],
  [120, 48, 5, 1, 1, "HS"],
  [144, 48, 5, 1, 1, "HS"],
  [288, 96, 5, 2, 1, "HS"],
  [576, 96, 5, 1, 1, "HS"],
  [576, 96, 5, 1, 1, "HS"],
];

const largeRows: Row[] = [
  [16, 16, 3, 1, 0, "RE"],
  [64, 24, 3, 2, 0, "RE"],
  [72, 24, 3, 1, 0, "RE"],
  [72, 40, 5, 2, 1, "RE"],
  [120, 40, 5, 1, 1, "RE"],
  [120, 40, 5, 1, 1, "RE"],
  [240, 80, 3, 2, 0, "HS"],
  [200, 80, 3, 1, 0, "HS"],
  [184, 80, 3, 1, 0, "HS"],
  [184, 80, 3, 1, 0, "HS"],
  [480, 112, 3, 1, 1, "HS"],
  [672, 112, 3, 1, 1, "HS"],
  [672, 160, 5, 2, 1, "HS"],
  [960, 160, 5, 1, 1, "HS"],
  [960, 160, 5, 1, 1, "HS"],
];

/** Channels of the stem, the input of the first block. */
export const STEM_CHANNELS = 16;

export const v3Small = { blocks: smallRows.map(block), hidden: 1024 };
export const v3Large = { blocks: largeRows.map(block), hidden: 1280 };
