import type { Saving } from "../graph/savings.ts";

type Pair = Pick<Saving, "depthwise" | "pointwise">;

/**
 * Names for a network's blocks: what the names of the two layers of a pair begin with (`block_3_depthwise`,
 * `block_3_project`), else what they end with (`conv_dw_2`, `conv_pw_2`), as long as that names each block; else
 * their numbers from 1 on.
 */
export function blockNames(pairs: readonly Pair[]): readonly string[] {
  const numbers = pairs.map((_, i) => String(i + 1));
  return [beginnings(pairs), endings(pairs)].find(isNaming) ?? numbers;
}

const isNaming = (names: readonly string[]) => !names.includes("") && new Set(names).size === names.length;

const SEPARATORS = /[_/.]/;

/** Up to the last separator that both have. */
function beginnings(pairs: readonly Pair[]): string[] {
  return pairs.map(({ depthwise, pointwise }) => {
    const common = commonStart(depthwise, pointwise);
    return common.replace(/[^_/.]*$/, "").replace(/[_/.]+$/, "");
  });
}

/** From the first separator on that both have. */
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
