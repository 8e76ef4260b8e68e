import type { Saving } from "../graph/savings.ts";

type Pair = Pick<Saving, "depthwise" | "pointwise">;

/**
 * Names for a network's blocks: the common beginning of a pair's two layer names (`block_3_depthwise`,
 * `block_3_project`), else their common end (`conv_dw_2`, `conv_pw_2`). If neither names each block, blocks are
 * numbered from 1.
 */
export function blockNames(pairs: readonly Pair[]): readonly string[] {
  const numbers = pairs.map((_, i) => String(i + 1));
  return [beginnings(pairs), endings(pairs)].find(isNaming) ?? numbers;
}

const isNaming = (names: readonly string[]) => !names.includes("") && new Set(names).size === names.length;

const SEPARATORS = /[_/.]/;

/** The names up to the last common separator. */
function beginnings(pairs: readonly Pair[]): string[] {
  return pairs.map(({ depthwise, pointwise }) => {
    const common = commonStart(depthwise, pointwise);
    return common.replace(/[^_/.]*$/, "").replace(/[_/.]+$/, "");
  });
}

/** The names from the first common separator on. */
function endings(pairs: readonly Pair[]): string[] {
  return pairs.map(({ depthwise, pointwise }) => {
    const common = reversed(commonStart(reversed(depthwise), reversed(pointwise)));
    const at = common.search(SEPARATORS);
    return at < 0 ? "" : common.slice(at).replace(/^[_/.]+/, "");
  });
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

const reversed = (text: string) => [...text].reverse().join("");
