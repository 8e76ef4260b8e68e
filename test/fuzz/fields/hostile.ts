import { below, chance, pick, type Rng } from "../dice.ts";

/** A harmful length, offset, count or size, often near the current one. */
export function hostileNumber(rng: Rng, value: number): number {
  const near = pick(rng, [value - 1, value + 1, value * 2, value / 2, -value, value + below(rng, 64) - 32]);
  const round = pick(rng, [0, 1, 2, 3, 7, 8, 255, 256, 65535, 1e5, 1e6, 1e9]);
  const edge = pick(rng, [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e300]);
  const odd = pick(rng, [-1, -0, -(2 ** 31), 0.5, 1.5, value + 0.25, 1e-45, 1e-320, Number.NaN, Infinity, -Infinity]);
  return pick(rng, [near, near, near, round, round, edge, odd]);
}

/** Length of a long text, which is rare because it makes a case a hundred times as slow. */
const LONG = 2 ** 20;

const names = [
  "",
  " ",
  ".",
  "/",
  "//",
  "a/",
  "/a",
  "a/b/c/d/e/f",
  "__proto__",
  "__proto__/kernel",
  "a/__proto__",
  "constructor",
  "constructor/prototype",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "then",
  "length",
  "0",
  "-1",
  "1e9",
  "NaN",
  "null",
  "\u0000",
  "a\u0000b",
  "a\nb",
  "\u001b[2J\u001b]0;owned\u0007",
  "\u202egnp.exe",
  "\u2028",
  "\ud800",
  "\udc00x",
  "\ufeff",
  "é",
  "e\u0301",
  "😀",
  "input",
  "kernel",
  "random",
  "imagenet",
  "<script>alert(1)</script>",
  "%00",
  "$" + "{7*7}",
];

export function hostileName(rng: Rng): string {
  if (chance(rng, 0.03)) return pick(rng, ["x", "\u0000", "é", "a/"]).repeat(LONG);
  if (chance(rng, 0.05)) return "x".repeat(pick(rng, [79, 80, 81, 255, 256, 1500, 1501, 65535, 65536]));
  return pick(rng, names);
}

/** Paths without companions. No server answers on port 9. */
const paths = [
  "",
  ".",
  "..",
  "/",
  "./",
  "../secret",
  "a/../../secret",
  "..\\secret",
  "a\\..\\..\\secret",
  "/etc/passwd",
  " /etc/passwd",
  "/etc/passwd ",
  "\u0001/etc/passwd",
  "\t/etc/passwd",
  ".\t./secret",
  ".\t./.\t./x",
  ".\n./secret",
  "%2e%2e/secret",
  "%2e%2E%2fsecret",
  "..%2fsecret",
  "..%5csecret",
  ".%2e/secret",
  "a%2f..%2f..%2fsecret",
  "\\\\127.0.0.1\\share",
  "//127.0.0.1:9/admin",
  "/\\127.0.0.1:9/admin",
  "http://127.0.0.1:9/admin",
  " http://127.0.0.1:9/admin",
  "\nhttp://127.0.0.1:9/admin",
  "ht\ttp://127.0.0.1:9/admin",
  "HTTPS://127.0.0.1:9/admin",
  "http:admin",
  "file:///etc/passwd",
  "file:secret",
  "file://localhost/etc/passwd",
  "data:,x",
  "javascript:1",
  "blob:x",
  "a?b",
  "a#b",
  "?",
  "#",
  "C:\\secret",
  "C:secret",
  "NUL",
  "a\u0000b",
  "/dev/zero",
  "/dev/stdin",
  "/proc/self/environ",
  "/proc/self/mem",
  "link-out.bin",
  "link-to-folder/secret",
  "folder",
  "pipe",
  "~/.ssh/id_rsa",
];

export function hostilePath(rng: Rng): string {
  const path = pick(rng, paths);
  if (chance(rng, 0.02)) return "a/".repeat(LONG / 2);
  return chance(rng, 0.1) ? `${"x/../".repeat(below(rng, 4))}${path}` : path;
}

/** JSON of unexpected types, including values that JavaScript converts in surprising ways. */
export function otherType(rng: Rng): unknown {
  return pick(rng, others)();
}

const others: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => 1.5,
  () => -1,
  () => "",
  () => "1",
  () => "x",
  () => [],
  () => [[]],
  () => [null],
  () => [1, 2, 3],
  () => ["x"],
  () => ({}),
  () => ({ length: 2 ** 32 }),
  () => ({ length: -1, 0: 1 }),
  () => ({ toString: 1, valueOf: 1 }),
  () => ({ toString: null }),
  () => ({ toJSON: 1 }),
  () => JSON.parse('{"then": 1}'),
  () => ({ constructor: { prototype: { polluted: 1 } } }),
  () => JSON.parse('{"__proto__": {"polluted": 1}}'),
  () => JSON.parse('{"__proto__": null}'),
  () => nested(40),
  () => nested(3000),
  () => Array(1000).fill(0),
  () => Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i])),
];

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}
