import { InvalidArgumentError } from "commander";

/** One of several shares of the parts. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** Reads `--shard 2/8`, the second of eight, for commander. */
export function toShard(text: string): Shard {
  const [, number, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [i, n] = [Number(number), Number(count)];
  if (number !== undefined && n >= 1 && i >= 1 && i <= n) return { index: i - 1, count: n };
  const hint = i === 0 ? " The first is 1: where an array job counts from 0, add 1." : "";
  throw new InvalidArgumentError(`Expected i/n, such as 1/8 to 8/8.${hint}`);
}
