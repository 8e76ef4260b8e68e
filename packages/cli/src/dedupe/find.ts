import { availableParallelism } from "node:os";
import type { Limits } from "../pictures/limits.ts";
import { mapAhead } from "../pictures/map-ahead.ts";
import type { Look } from "./compare.ts";
import { DEFAULT_LEAST, likeness } from "./copies.ts";
import { DESCRIPTOR_LENGTH, describe, type Turn, UPRIGHT } from "./descriptor.ts";
import { better, Groups } from "./groups.ts";
import { candidatePairs } from "./pairs.ts";
import { readSignature, type Signature, type Unreadable } from "./signature.ts";

/** Pictures that are copies of each other. */
export interface DuplicateGroup {
  /** `exact` if all files have the same bytes. */
  readonly kind: "exact" | "near";
  /** The best picture first, then the others by their similarity to it. */
  readonly pictures: readonly Duplicate[];
}

type Plain = Omit<Signature, keyof Look | "pages">;

export interface Duplicate extends Plain {
  /** Similarity to the first picture. 1 means the same bytes, 0 a copy only of another picture of the group. */
  readonly similarity: number;
}

export interface FindOptions {
  /** Orientations of copies to look for, upright first. */
  readonly turns: readonly Turn[];
  /** Least correlation of copies, 0 to 1. */
  readonly least?: number;
  readonly exactOnly?: boolean;
  readonly limits: Limits;
  /** Called with the progress. Throws to stop. */
  readonly onProgress: (phase: "read" | "compare", done: number, total: number, failed: number) => void;
}

export interface Found {
  readonly groups: readonly DuplicateGroup[];
  readonly unreadable: readonly Unreadable[];
  readonly pictures: number;
}

/** Least cosine of candidates. Crops by 5 % change the descriptor most, and still have more. Few other pictures do. */
const LEAST_CANDIDATE = 0.5;
/** Most candidates per picture. */
const MOST_CANDIDATES = 24;

/** Reads all pictures, and finds the copies among them. */
export async function findDuplicates(paths: readonly string[], options: FindOptions): Promise<Found> {
  const signatures: Signature[] = [];
  const unreadable: Unreadable[] = [];
  const read = mapAhead(paths, (path) => readSignature(path, options.limits), 2 * availableParallelism());
  for await (const item of read) {
    if ("error" in item) unreadable.push(item);
    else signatures.push(item);
    options.onProgress("read", signatures.length + unreadable.length, paths.length, unreadable.length);
  }
  const groups = new Groups(signatures.length);
  const unique = joinExact(signatures, groups);
  // Other frames or pages are not looked at, so only the same bytes make a copy.
  const single = unique.filter((i) => signatures[i].pages === 1);
  if (!options.exactOnly) await joinNear(signatures, single, groups, options);
  const lists = groups.lists().map((list) =>
    groupOf(
      list.map((i) => signatures[i]),
      options,
    ),
  );
  return { groups: lists, unreadable, pictures: signatures.length };
}

/**
 * Joins files with the same bytes.
 * @returns the first index of each content
 */
function joinExact(signatures: readonly Signature[], groups: Groups): number[] {
  const first = new Map<string, number>();
  for (const [i, { sha256 }] of signatures.entries()) {
    const same = first.get(sha256);
    if (same === undefined) first.set(sha256, i);
    else groups.join(same, i);
  }
  return [...first.values()];
}

async function joinNear(
  signatures: readonly Signature[],
  unique: readonly number[],
  groups: Groups,
  { turns, least, onProgress }: FindOptions,
): Promise<void> {
  const descriptors = new Float32Array(unique.length * DESCRIPTOR_LENGTH);
  for (const [i, index] of unique.entries()) descriptors.set(describe(signatures[index].grey), i * DESCRIPTOR_LENGTH);
  const pairs = candidatePairs(
    unique.length,
    (i) => descriptors.subarray(i * DESCRIPTOR_LENGTH, (i + 1) * DESCRIPTOR_LENGTH),
    {
      dimensions: DESCRIPTOR_LENGTH,
      least: LEAST_CANDIDATE,
      most: MOST_CANDIDATES,
      turns,
      onProgress: (done) => onProgress("compare", done, unique.length, 0),
    },
  );
  for await (const { a, b, turn } of pairs) {
    const [i, j] = [unique[a], unique[b]];
    // Pictures of one group need no comparison.
    if (groups.find(i) === groups.find(j)) continue;
    if (likeness(signatures[i], signatures[j], turns[turn], least) > 0) groups.join(i, j);
  }
}

function groupOf(members: readonly Signature[], { turns, least }: FindOptions): DuplicateGroup {
  const [best, ...others] = [...members].sort(better);
  const rated = others.map((one): Duplicate => {
    const same = one.sha256 === best.sha256;
    return { ...plain(one), similarity: same ? 1 : closest(one, best, turns, least) };
  });
  rated.sort((a, b) => b.similarity - a.similarity || better(a, b));
  const kind = members.every(({ sha256 }) => sha256 === best.sha256) ? "exact" : "near";
  return { kind, pictures: [{ ...plain(best), similarity: 1 }, ...rated] };
}

function closest(a: Signature, b: Signature, turns: readonly Turn[], least = DEFAULT_LEAST): number {
  let most = likeness(a, b, UPRIGHT, least);
  for (const turn of turns.slice(1)) most = Math.max(most, likeness(a, b, turn, least));
  return most;
}

function plain({ path, sha256, bytes, width, height, exif }: Signature): Plain {
  return { path, sha256, bytes, width, height, exif };
}
