import { isMembers, type Members, Text, type Tree, Twice } from "./tree.ts";

/** Writes a tree as JSON, with duplicate members, and numbers that JSON.stringify cannot write. */
export function writeJson(tree: Tree): string {
  if (typeof tree === "number") return writeNumber(tree);
  if (tree instanceof Text) return JSON.stringify(writeJson(tree.value));
  if (Array.isArray(tree)) return `[${tree.map(writeJson).join()}]`;
  if (!isMembers(tree)) return JSON.stringify(ArrayBuffer.isView(tree) ? null : (tree ?? null));
  const members = Object.entries(tree).flatMap(([key, value]) => {
    const name = JSON.stringify(key);
    const values = value instanceof Twice ? [value.first, value.second] : [value];
    return values.map((item) => `${name}:${writeJson(item)}`);
  });
  return `{${members.join()}}`;
}

function writeNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  // JSON.parse reads these as infinity; NaN is invalid JSON.
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "1e999" : "-1e999";
  return String(value);
}

export const jsonBytes = (tree: Tree): Uint8Array => new TextEncoder().encode(writeJson(tree));

/** Parses all texts of a tree that are JSON objects or lists. */
export function openTexts<T extends Tree>(tree: T): T;
export function openTexts(tree: Tree): Tree {
  if (typeof tree === "string" && /^[[{]/.test(tree)) {
    try {
      return new Text(openTexts(JSON.parse(tree) as Tree));
    } catch {
      return tree;
    }
  }
  if (Array.isArray(tree)) return tree.map((item) => openTexts(item));
  if (!isMembers(tree) || tree instanceof Text) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, openTexts(value)])) as Members;
}

/** Turns parsed texts back into texts for formats that are not JSON; of duplicate members the second stays. */
export function closeTexts(tree: Tree): Tree {
  if (tree instanceof Text) return writeJson(tree.value);
  if (tree instanceof Twice) return closeTexts(tree.second);
  if (Array.isArray(tree)) return tree.map(closeTexts);
  if (!isMembers(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, closeTexts(value)]));
}
