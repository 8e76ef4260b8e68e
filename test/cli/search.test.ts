import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { nearest } from "mobilenets/search";
import sharp from "sharp";
import { npyHeader } from "../../packages/cli/src/extract/npy.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { temporaryFolder } from "./folder.ts";
import { writeMany } from "./pictures.ts";
import { jsonLines, mobilenets, outcome, start, tiny } from "./run.ts";
import { readStore } from "./store-files.ts";

interface Answer {
  readonly path: string;
  readonly similar: readonly { readonly path: string; readonly row: number; readonly similarity: number }[];
  readonly error?: { readonly message: string };
}

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const photos = at("photos");
// 27 with features, three that are no pictures.
await writeMany(photos, 30);
const folder = at("features");
assert.equal((await mobilenets(["extract", photos, "--out", folder, ...tiny])).code, 0);
const store = await readStore(folder);
const paths = store.items.filter(({ row }) => row !== undefined).map(({ path }) => path);
const matrix = { data: store.data, shape: [store.rows, store.dim] };
const outside = at("outside.png");
await copyFile(join(photos, "00003.png"), outside);

const search = (...args: string[]) => mobilenets(["search", ...args]);

async function answersTo(...args: string[]): Promise<Answer[]> {
  const { code, stdout, stderr } = await search(...args, "--json");
  assert.equal(code, 0, stderr);
  return jsonLines(stdout) as Answer[];
}

/** As `nearest` has it, which is tested against loops of its own. */
async function exact(query: Float32Array, k: number, own?: number) {
  const found = await nearest(query, matrix, { k: k + 1 });
  const others = found.filter(({ index }) => index !== own).slice(0, k);
  return others.map(({ index, similarity }) => ({ path: paths[index], row: index, similarity }));
}

async function writeFolder(dir: string, data: Float32Array, rows: number, more: (row: number) => object = () => ({})) {
  await mkdir(dir, { recursive: true });
  await writeFile(
    join(dir, "features.npy"),
    Buffer.concat([npyHeader(rows, data.length / rows), new Uint8Array(data.buffer)]),
  );
  const line = (row: number) =>
    `${JSON.stringify({ path: `${row % 2 ? "odd" : "even"}/${row}.png`, row, ...more(row) })}\n`;
  await writeFile(join(dir, "items.jsonl"), Array.from({ length: rows }, (_, row) => line(row)).join(""));
  return dir;
}

test("a picture, a path of the folder, a row and vectors find the same, to the bit of nearest()", async () => {
  const vector = store.row(3);
  const several = [...store.row(3), ...store.row(5)];
  await writeFile(at("one.json"), JSON.stringify([...vector]));
  await writeFile(at("two.json"), JSON.stringify([[...vector], [...store.row(5)]]));
  await writeFile(
    at("two.npy"),
    Buffer.concat([npyHeader(2, store.dim), new Uint8Array(Float32Array.from(several).buffer)]),
  );
  const queries = ["row:3", paths[3], outside, at("one.json"), at("two.json"), at("two.npy")];
  for (const precision of ["float32", "float16", "int8"]) {
    const answers = await answersTo(folder, ...queries, "--top", "5", "--precision", precision);
    const own = { path: paths[3], similar: await exact(vector, 5, 3) };
    const other = await exact(vector, 5);
    const fifth = await exact(store.row(5), 5);
    assert.deepEqual(answers[0], own, precision);
    assert.deepEqual(answers[1], own);
    assert.equal(answers[2].similar[0].row, 3, "a copy outside finds the one inside");
    assert.deepEqual(answers[3], { path: at("one.json"), similar: other });
    assert.deepEqual(
      answers.slice(4),
      ["two.json#0", "two.json#1", "two.npy#0", "two.npy#1"].map((name, i) => ({
        path: at(name),
        similar: i % 2 ? fifth : other,
      })),
    );
  }
});

test("as text, as paths, with a least similarity", async () => {
  const [best, second] = await exact(store.row(0), 2, 0);
  const text = await search(folder, "row:0", "--top", "2");
  const line = (one: typeof best) => `  ${one.similarity.toFixed(4)}  ${one.path}`;
  assert.equal(text.stdout, `${[paths[0], line(best), line(second)].join("\n")}\n`);
  const only = await search(folder, "row:0", "--paths", "--min", `${(best.similarity + second.similarity) / 2}`);
  assert.equal(only.stdout, `${best.path}\n`);
});

test("--where: by path, and by whatever the lines of items.jsonl say", async () => {
  const next = random(3);
  const rows = 400;
  const data = Float32Array.from({ length: rows * 8 }, () => next() - 0.5);
  const dir = await writeFolder(at("columns"), data, rows, (row) => ({
    width: row,
    label: row % 3 === 0 ? "cat" : "dog",
    tags: [`t${row % 5}`],
  }));
  for (const [where, fits] of [
    [["path=odd/**"], (row: number) => row % 2 === 1],
    [["label=cat", "width>=200"], (row: number) => row % 3 === 0 && row >= 200],
    [["tags=t4", "path!=odd/*"], (row: number) => row % 5 === 4 && row % 2 === 0],
  ] as const) {
    const [{ similar }] = await answersTo(dir, "row:0", "--top", "7", ...where.flatMap((one) => ["--where", one]));
    const vectors = Array.from({ length: rows }, (_, i) => i).filter((i) => i !== 0 && fits(i));
    const found = await nearest(
      data.subarray(0, 8),
      vectors.map((i) => data.subarray(i * 8, i * 8 + 8)),
      { k: 7 },
    );
    assert.deepEqual(
      similar.map(({ row }) => row),
      found.map(({ index }) => vectors[index]),
    );
  }
  const none = await search(dir, "row:0", "--where", "colour=red");
  assert.equal(none.code, 2);
  assert.match(none.stderr, /no row with colour=red.*the columns are path, row, width, label, tags/);
  assert.match((await search(dir, "row:0", "--where", "path=*.png")).stderr, /the first row has path=even\/0\.png/);
  const typo = await search(dir, "row:0", "--where", "lable!=cat");
  assert.equal(typo.code, 0);
  assert.match(typo.stderr, /warning: --where: no row has the column lable: the columns are path, row/);
});

test("rows that are nearly or exactly alike: the exact order, ties by row", async () => {
  const rows = 3000;
  const next = random(5);
  // Cosines differ by less than float16 can tell, and every hundredth row is the same.
  const base = Float32Array.from({ length: 32 }, () => next());
  const data = Float32Array.from({ length: rows * 32 }, (_, i) =>
    Math.floor(i / 32) % 100 === 0 ? base[i % 32] : base[i % 32] + 1e-4 * next(),
  );
  const dir = await writeFolder(at("alike"), data, rows);
  const found = await nearest(data.subarray(32, 64), { data, shape: [rows, 32] }, { k: 41 });
  for (const precision of ["float32", "float16"]) {
    const [{ similar }] = await answersTo(dir, "row:1", "--top", "40", "--precision", precision);
    assert.deepEqual(
      similar.map(({ row, similarity }) => [row, similarity]),
      found.filter(({ index }) => index !== 1).map(({ index, similarity }) => [index, similarity]),
    );
  }
});

test("--lines: a session answers line by line, and a wrong line does not end it", async () => {
  const options = ["--lines", "--json", "--top", "1", "--recall"];
  const child = start(["search", folder, ...options], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = outcome(child);
  const first = new Promise((resolve) => child.stdout?.once("data", resolve));
  child.stdin?.write("row:2\n");
  // The answer comes while standard input is still open.
  assert.match(String(await first), /"row":/);
  child.stdin?.end(`row:99\n\n${paths[4]}\nno/such.png\n`);
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 1, stderr);
  const answers = jsonLines(stdout) as Answer[];
  assert.deepEqual(answers[0].similar, await exact(store.row(2), 1, 2));
  assert.match(answers[1].error?.message ?? "", /row:99: row 99, expected 0 to 26/);
  assert.deepEqual(answers[2].similar, await exact(store.row(4), 1, 4));
  assert.match(answers[3].error?.message ?? "", /no such file, and no row of/);
  assert.match(stderr, /recall@1: 1\.0000 against float32, over 2 queries/);
});

test("--recall: says how many of the exact neighbours int8 finds", async () => {
  const { code, stderr } = await search(folder, ...paths.slice(0, 9), "--precision", "int8", "--recall", "--paths");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^recall@10: (1\.0000|0\.9\d+) against float32, over 9 queries$/m);
});

test("--html: a page with the picture asked for and those found", async () => {
  const file = at("pages", "found.html");
  const { code, stdout, stderr } = await search(folder, outside, "--top", "4", "--html", file);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${file}: 1 picture and those most alike\n`);
  const page = await readFile(file, "utf8");
  assert.equal(page.match(/<img src="data:image\/webp;base64,/g)?.length, 5);
});

test("queries that cannot be: what is wrong, and what to do", async () => {
  await writeFile(at("short.json"), "[1, 2]");
  await writeFile(at("words.json"), '["one"]');
  await writeFile(at("zeros.json"), JSON.stringify(Array(store.dim).fill(0)));
  await writeFile(
    at("nan.npy"),
    Buffer.concat([npyHeader(1, store.dim), new Uint8Array(new Float32Array(store.dim).fill(NaN).buffer)]),
  );
  for (const [args, code, message] of [
    [[folder], 2, /search: no query, expected pictures .*similar DIR/],
    [[folder, "row:27"], 2, /row:27: row 27, expected 0 to 26/],
    [[folder, "row:-1"], 2, /row:-1: no number of a row, expected 0 to 26/],
    [[folder, at("nowhere.json")], 1, /nowhere\.json: no such file/],
    [[folder, at("short.json")], 2, /short\.json: a vector of 2 numbers, expected 256/],
    [[folder, at("words.json")], 1, /words\.json: \["one"\], expected an array of numbers/],
    [[folder, at("nan.npy")], 2, /nan\.npy: NaN or infinity/],
    [[folder, at("zeros.json")], 2, /zeros\.json: only zeros, expected a vector with a direction/],
    [[at("nowhere"), "row:0"], 1, /nowhere\/features\.npy: no such file/],
    [[folder, "row:0", "--where", "label"], 2, /--where: "label", expected key=value/],
    [[folder, "row:0", "--lines"], 2, /--lines: queries as arguments too/],
    [[folder, "row:0", "--json", "--paths"], 2, /--paths: --json too/],
  ] as const) {
    const ended = await search(...args);
    assert.equal(ended.code, code, `${args.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, message);
    assert.doesNotMatch(ended.stderr, /^\s+at /m, "no stack");
  }
});

test("Ctrl-C ends a session with 130, and the answers so far are whole", async () => {
  const child = start(["search", folder, "--lines", "--json"], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = outcome(child);
  child.stdout?.once("data", () => child.kill("SIGINT"));
  child.stdin?.write("row:2\n");
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 130, stderr);
  assert.equal((jsonLines(stdout) as Answer[])[0].similar.length, 10);
  assert.match(stderr, /interrupted/);
});

test("without an index, and without LanceDB, the error says what to do", async () => {
  const { code, stderr } = await search(folder, "row:0", "--approximate");
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: --approximate: no folder index in .*, expected an index of the rows: mobilenets index /,
  );
  const made = await mobilenets(["index", folder], { cwd: root });
  assert.equal(made.code, 2);
  assert.match(
    made.stderr,
    /@lancedb\/lancedb is not installed, .*: npm install @lancedb\/lancedb@0\.31\.0 apache-arrow@18\.1\.0/,
  );
  const both = await search(folder, "row:0", "--approximate", "--precision", "int8");
  assert.match(both.stderr, /^error: --approximate: --precision int8 too/);
});

test("a JPEG outside a store of parts is decoded as those of the store are", async () => {
  const dir = at("jpegs");
  await mkdir(dir);
  const large = sharp(join(photos, "00003.png")).resize(640, 480, { kernel: "nearest" });
  await large.jpeg({ quality: 60 }).toFile(join(dir, "large.jpg"));
  await copyFile(join(dir, "large.jpg"), at("same.jpg"));
  for (const [name, flags] of [
    ["reduced", []],
    ["full", ["--full-decode"]],
  ] as const) {
    const made = await mobilenets(["extract", dir, "--out", at(name), "--format", "parquet", ...flags, ...tiny]);
    assert.equal(made.code, 0, made.stderr);
    const [{ similar }] = await answersTo(at(name), at("same.jpg"));
    assert.ok(similar[0].similarity > 1 - 1e-6, `${name}: ${similar[0].similarity}`);
  }
});
