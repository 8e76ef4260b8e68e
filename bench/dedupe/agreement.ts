import { basename } from "node:path";
import type { DuplicateGroup } from "../../packages/cli/src/dedupe/find.ts";

/**
 * Precision and recall over pairs: the share of pairs in one group that have one original, and the share of pairs of an
 * original and its copy that are in one group.
 */
export function agreement(
  paths: readonly string[],
  groups: readonly Pick<DuplicateGroup, "pictures">[],
  originalOf: (path: string) => string,
) {
  const group = new Map<string, number>();
  let [together, right] = [0, 0];
  for (const [g, { pictures }] of groups.entries()) {
    const counts = new Map<string, number>();
    for (const { path } of pictures) {
      group.set(path, g);
      counts.set(originalOf(path), (counts.get(originalOf(path)) ?? 0) + 1);
    }
    const pairs = (n: number) => (n * (n - 1)) / 2;
    together += pairs(pictures.length);
    for (const count of counts.values()) right += pairs(count);
  }
  const original = new Map(paths.filter((path) => path.includes("original")).map((path) => [originalOf(path), path]));
  const missed: Record<string, number> = {};
  let [wanted, found] = [0, 0];
  for (const path of paths) {
    const from = original.get(originalOf(path))!;
    if (path === from) continue;
    wanted++;
    if (group.has(path) && group.get(path) === group.get(from)) found++;
    else {
      const kind = /-(\w+)\./.exec(basename(path))![1];
      missed[kind] = (missed[kind] ?? 0) + 1;
    }
  }
  return { precision: together === 0 ? 1 : right / together, recall: found / wanted, missed };
}
