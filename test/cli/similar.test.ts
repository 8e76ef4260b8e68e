import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "mobilenets";
import { writeModelFile } from "mobilenets/weights";
import sharp from "sharp";
import { npyHeader } from "../../packages/cli/src/extract/npy.ts";
import { writePictures } from "../../scripts/demo/pictures.ts";
import { temporaryFolder } from "./folder.ts";
import { writeMany } from "./pictures.ts";
import { jsonLines, mobilenets, outcome, start, tiny } from "./run.ts";
import { readStore } from "./store-files.ts";

interface Row {
  readonly path: string;
  readonly similar: readonly { readonly path: string; readonly similarity: number }[];
}

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const photos = at("photos");
// 27 with features, three that are no pictures.
await writeMany(photos, 30);
const folder = at("features");
assert.equal((await mobilenets(["extract", photos, "--out", folder, ...tiny])).code, 0);
const store = await readStore(folder);
const named = store.items.filter(({ row }) => row !== undefined).map(({ path }) => path);
const outside = at("outside.png");
await copyFile(join(photos, "00003.png"), outside);

const similar = (...args: string[]) => mobilenets(["similar", ...args]);

async function rowsOf(...args: string[]): Promise<Row[]> {
  const { code, stdout, stderr } = await similar(...args, "--json");
  assert.equal(code, 0, stderr);
  return jsonLines(stdout) as Row[];
}

/** Cosines with every row but one's own, by the definition. */
function bruteForce(vector: Float32Array, k: number, own?: number): Row["similar"] {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  return named
    .map((path, row) => {
      const other = store.row(row);
      return { path, row, similarity: dot(vector, other) / Math.sqrt(dot(vector, vector) * dot(other, other)) };
    })
    .filter(({ row }) => row !== own)
    .sort((a, b) => b.similarity - a.similarity || a.row - b.row)
    .slice(0, k)
    .map(({ path, similarity }) => ({ path, similarity }));
}

/** What `extract` would write of these vectors. */
async function writeFolder(dir: string, paths: readonly string[], data: Float32Array): Promise<string> {
  await mkdir(dir, { recursive: true });
  const header = npyHeader(paths.length, data.length / paths.length);
  await writeFile(join(dir, "features.npy"), Buffer.concat([header, new Uint8Array(data.buffer)]));
  await writeFile(join(dir, "items.jsonl"), paths.map((path, row) => `${JSON.stringify({ path, row })}\n`).join(""));
  return dir;
}

test("every picture's nearest others are those that comparing all finds, to the bit", async () => {
  assert.equal(named.length, 27);
  for (const top of [5, 1, 100]) {
    const rows = await rowsOf(folder, ...(top === 5 ? [] : ["--top", `${top}`]));
    assert.deepEqual(
      rows,
      named.map((path, row) => ({ path, similar: bruteForce(store.row(row), top, row) })),
    );
  }
});

test("as text: the picture, then those like it", async () => {
  const { stdout, stderr } = await similar(folder, "--top", "2");
  assert.equal(stderr, "");
  const expected = named.flatMap((path, row) => [
    path,
    ...bruteForce(store.row(row), 2, row).map((other) => `  ${other.similarity.toFixed(4)}  ${other.path}`),
  ]);
  assert.equal(stdout, `${expected.join("\n")}\n`);
});

test("--min leaves out what is less similar, and who has none", async () => {
  const all = named.map((path, row) => ({ path, similar: bruteForce(store.row(row), 1, row) }));
  const least = [...all].sort((a, b) => a.similar[0].similarity - b.similar[0].similarity)[13].similar[0].similarity;
  const rows = await rowsOf(folder, "--top", "1", "--min", `${least}`);
  assert.deepEqual(
    rows,
    all.filter(({ similar: [best] }) => best.similarity >= least),
  );
  assert.ok(rows.length < 27 && rows.length >= 14);
  // A picture asked for is answered even so.
  assert.deepEqual(await rowsOf(folder, "--query", named[0], "--min", "1.1"), [{ path: named[0], similar: [] }]);
});

test("--query: a picture of the folder, however its path is spelt, without itself", async () => {
  const expected = { path: named[4], similar: bruteForce(store.row(4), 5, 4) };
  const spelt = join(photos, "..", "photos", ".", "00004.png").replace("/photos/", "/photos/./");
  const rows = await rowsOf(folder, "--query", named[4], "--query", spelt);
  assert.deepEqual(rows, [expected, expected]);
});

test("--query: a picture from elsewhere goes through the model that run.json records", async () => {
  const model = await load("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], weights: "random" });
  const vector = await model.embed(outside);
  model.dispose();
  const rows = await rowsOf(folder, "--query", outside, "--query", named[0], "--top", "3");
  assert.deepEqual(rows, [
    { path: outside, similar: bruteForce(vector, 3) },
    { path: named[0], similar: bruteForce(store.row(0), 3, 0) },
  ]);
  const original = rows[0].similar.find(({ path }) => path === join(photos, "00003.png"));
  assert.equal(original?.similarity, 1);
});

test("--query takes folders, globs and standard input, as other commands take pictures", async () => {
  const some = at("some");
  await mkdir(some);
  for (const name of ["b.png", "a.png"]) await copyFile(outside, join(some, name));
  const paths = async (...args: string[]) => (await rowsOf(folder, ...args)).map(({ path }) => path);
  assert.deepEqual(await paths("--query", some), [join(some, "a.png"), join(some, "b.png")]);
  assert.deepEqual(await paths("--query", join(some, "b*")), [join(some, "b.png")]);
  const child = start(["similar", folder, "--query", "-", "--json", "--top", "1"], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin?.end(await readFile(outside));
  const { code, stdout, stderr } = await outcome(child);
  assert.equal(code, 0, stderr);
  const [row] = jsonLines(stdout) as Row[];
  assert.deepEqual([row.path, row.similar[0].similarity], ["-", 1]);
  const twice = await similar(folder, "--query", "-", "--query", "-");
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /-: 2 times/);
});

test("layer, crop, preprocessing and seed are those of the run", async () => {
  const wide = at("wide");
  await mkdir(wide);
  for (const [i, background] of ["teal", "plum"].entries()) {
    const shape = Buffer.from(`<svg width="30" height="30"><circle cx="9" cy="12" r="8" fill="gold"/></svg>`);
    await sharp({ create: { width: 150, height: 40, channels: 3, background } })
      .composite([{ input: shape, left: 5 + 90 * i, top: 4 }])
      .png()
      .toFile(join(wide, `${i}.png`));
  }
  await copyFile(join(wide, "1.png"), at("wide-copy.png"));
  const options = ["--layer", "conv_pw_3_relu", "--crop", "squash", "--seed", "7", "--preprocessing", "imagenet"];
  await mobilenets(["extract", wide, "--out", at("layered"), ...tiny, ...options]);
  const [{ similar: found }] = await rowsOf(at("layered"), "--query", at("wide-copy.png"));
  assert.deepEqual(found[0], { path: join(wide, "1.png"), similarity: 1 });
  assert.ok(found[1].similarity < 1);
});

test("weights of a file: found again from another folder, refused by name if gone or others", async () => {
  const file = at("model.safetensors");
  const write = async (path: string, seed: number) => {
    const model = await load("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], weights: "random", seed });
    await writeFile(path, writeModelFile(model));
    model.dispose();
  };
  await write(file, 1);
  const args = ["extract", "photos", "--out", "of-file", "--weights", "model.safetensors"];
  assert.equal((await mobilenets(args, { cwd: root })).code, 0);
  const query = [at("of-file"), "--query", outside, "--top", "1"];
  const expected = [{ path: outside, similar: [{ path: "photos/00003.png", similarity: 1 }] }];
  assert.deepEqual(await rowsOf(...query), expected);

  await rename(file, at("moved.safetensors"));
  const gone = await similar(...query);
  assert.deepEqual([gone.code, gone.stdout], [1, ""]);
  assert.match(
    gone.stderr,
    /model\.safetensors: no such file, and no name of weights: .*of-file\/run\.json .*--weights names another/,
  );
  assert.deepEqual(await rowsOf(...query, "--weights", at("moved.safetensors")), expected);

  await write(file, 2);
  const other = await similar(...query);
  assert.deepEqual([other.code, other.stdout], [2, ""]);
  assert.match(
    other.stderr,
    /model\.safetensors: mobilenet_v1 with other weights or layers \([0-9a-f]{12}\), expected/,
  );
  // Pictures of the folder need no model.
  assert.equal((await rowsOf(at("of-file"), "--query", "photos/00003.png")).length, 1);
});

test("a run of before the record said where its weights are asks for them", async () => {
  const dir = at("older");
  await mobilenets(["extract", photos, "--out", dir, ...tiny]);
  const record = JSON.parse(await readFile(join(dir, "run.json"), "utf8"));
  assert.deepEqual(record.source, { weights: "random", network: "mobilenet_v1" });
  delete record.source;
  await writeFile(join(dir, "run.json"), JSON.stringify(record));
  const { code, stderr } = await similar(dir, "--query", outside);
  assert.equal(code, 2);
  assert.match(stderr, /run\.json: network mobilenet_v1, but not where its weights are, expected --weights/);
  // And goes on, though the record of now says more.
  const again = await mobilenets(["extract", photos, "--out", dir, ...tiny]);
  assert.equal(again.code, 0, again.stderr);
});

test("a picture that is missing or none does not hold up the others", async () => {
  const bad = join(photos, "00007.png");
  const { code, stdout, stderr } = await similar(
    ...[folder, "--json", "--top", "1", "--query", "no/such.png", "--query", bad, "--query", named[0]],
  );
  assert.equal(code, 1);
  assert.match(stderr, /error: no\/such\.png: no such file, and no row of /);
  assert.match(stderr, /error: .*00007\.png: content of an unknown format/);
  const [missing, broken, good] = jsonLines(stdout) as [{ error: Error }, { error: Error }, Row];
  assert.match(missing.error.message, /no such file/);
  assert.match(broken.error.message, /unknown format/);
  assert.deepEqual(good, { path: named[0], similar: bruteForce(store.row(0), 1, 0) });
});

test("folders that are not what extract writes: what is wrong, and what to do", async () => {
  const vectors = Float32Array.of(1, 0, 0, 1, 1, 1);
  const fresh = (name: string) => writeFolder(at(name), ["a.png", "b.png", "c.png"], vectors);
  const refuses = async (dir: string, message: RegExp, expected = 1, ...args: string[]) => {
    const { code, stdout, stderr } = await similar(dir, ...args);
    assert.deepEqual([code, stdout], [expected, ""], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^\s+at /m, "no stack");
  };
  await refuses(at("nowhere"), /nowhere\/features\.npy: no such file.*mobilenets extract PICTURES --out DIR/);
  await refuses(outside, /features\.npy: no such file/);

  const noItems = await fresh("no-items");
  await rm(join(noItems, "items.jsonl"));
  await refuses(noItems, /items\.jsonl: no such file/);

  const short = await fresh("short");
  const lines = await readFile(join(short, "items.jsonl"), "utf8");
  await writeFile(join(short, "items.jsonl"), lines.split("\n").slice(0, 2).join("\n"));
  await refuses(short, /3 rows in features\.npy, 2 in items\.jsonl, expected equally many.*The same command again/);
  const noNumber = await fresh("no-number");
  await writeFolder(noNumber, ["a.png", "b\x1b.png"], Float32Array.of(1, 0, Number.NaN, 1));
  await refuses(noNumber, /features of b\\u001b\.png: NaN or infinity.*`extract` this folder anew/, 2);

  const none = await writeFolder(at("none"), [], new Float32Array(0));
  await writeFile(join(none, "features.npy"), npyHeader(0, 256));
  await refuses(none, /none: no picture with features/);

  // Its own pictures can be asked for without a record; others cannot.
  const noRun = await fresh("no-run");
  assert.equal((await rowsOf(noRun, "--query", "b.png")).length, 1);
  await refuses(noRun, /no-run\/run\.json: no such file, expected the record of the model/, 1, "--query", outside);
  const { source: _, ...known } = JSON.parse(await readFile(join(folder, "run.json"), "utf8"));
  for (const [record, message, code] of [
    ["{", /run\.json: no JSON/, 2],
    ["[]", /run\.json: \[\]/, 2],
    ["{}", /run\.json: dim undefined/, 2],
    [JSON.stringify({ ...known, layer: 1 }), /run\.json: no record of a run/, 1],
    [JSON.stringify({ ...known, preprocessing: null }), /run\.json: no record of a run/, 1],
    [JSON.stringify({ ...known, source: { weights: 7 } }), /run\.json: no record of a run/, 1],
  ] as const) {
    await writeFile(join(noRun, "run.json"), record);
    await refuses(noRun, message, code, "--query", outside);
  }
  await copyFile(join(folder, "run.json"), join(noRun, "run.json"));
  await refuses(noRun, /no-run: rows of 2 numbers, expected 256/, 2, "--query", outside);
});

test("names are printed so that no terminal acts on them", async () => {
  const names = ["\x1b[2Jclear.png", "two\nlines.png", "left\u202egnp.exe", "größe 猫.png"];
  const dir = await writeFolder(at("names"), names, Float32Array.of(4, 0, 4, 1, 4, 2, 4, 3));
  const { stdout } = await similar(dir, "--top", "1");
  assert.deepEqual(
    stdout.split("\n").filter((line) => line !== "" && !line.startsWith("  ")),
    ["\\u001b[2Jclear.png", "two\\u000alines.png", "left\\u202egnp.exe", "größe 猫.png"],
  );
  // For machines they are what they are.
  assert.deepEqual(
    (await rowsOf(dir)).map(({ path }) => path),
    names,
  );
});

test("--html: a page with the pictures in it, and with the paths of those that are gone", async () => {
  const own = at("own");
  await mkdir(own);
  const hostile = join(own, `"><script>alert(1)<`);
  await copyFile(join(photos, "00001.png"), `${hostile}.png`);
  await copyFile(join(photos, "00002.png"), join(own, "stays.png"));
  await copyFile(join(photos, "00004.png"), join(own, "goes.png"));
  const dir = at("own-features");
  await mobilenets(["extract", own, "--out", dir, ...tiny]);
  await rm(join(own, "goes.png"));
  const file = at("pages", "similar.html");
  const { code, stdout, stderr } = await similar(dir, "--html", file);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${file}: 3 pictures and those most alike\n`);
  assert.match(stderr, /1 of 3 pictures could not be read/);
  const page = await readFile(file, "utf8");
  assert.equal(page.match(/<article>/g)?.length, 3);
  assert.equal(page.match(/<img src="data:image\/webp;base64,[\w+/=]+" alt="/g)?.length, 6);
  assert.equal(page.match(/<img/g)?.length, 6);
  assert.equal(page.match(/<div class="gone">[^<]*goes\.png<\/div>/g)?.length, 3);
  assert.ok(!page.includes("<script") && page.includes("&quot;&gt;&lt;script&gt;"));
  assert.doesNotMatch(page, /(src|href)="(?!data:)|url\(|@import/);
  const rows = await rowsOf(dir, "--html", file);
  for (const { similar: others } of rows) {
    for (const { similarity } of others) assert.ok(page.includes(`<b>${similarity.toFixed(3)}</b>`));
  }
  assert.equal(await readFile(file, "utf8"), page);
});

test("more than 20,000 pictures: not all with all unless asked for; Ctrl-C ends it", async () => {
  const count = 20_001;
  const names = Array.from({ length: count }, (_, i) => `${i}.png`);
  const data = Float32Array.from({ length: count * 3 }, (_, i) => Math.sin(i * i) + (i % 3));
  const dir = await writeFolder(at("large"), names, data);
  const refused = await similar(dir);
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(
    refused.stderr,
    /20,001 pictures, 400,040,001 pairs of them.*--query PICTURE.*--all compares all \(about/,
  );
  assert.equal((await rowsOf(dir, "--query", "7.png", "--query", "20000.png"))[1].similar.length, 5);

  // A page has room for some, and says so.
  const page = await similar(dir, "--html", at("large.html"));
  assert.equal(page.code, 0, page.stderr);
  assert.match(page.stdout, /large\.html: 100 pictures and those most alike; a page holds 600, --query chooses/);
  assert.match(await readFile(at("large.html"), "utf8"), /The first 100 are shown: a page holds 600 pictures at most/);

  const child = start(["similar", dir, "--all", "--json"]);
  const ended = outcome(child);
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 130, stderr);
  const [, done] = /interrupted: ([\d,]+) of 20,001 pictures are done\n$/.exec(stderr) ?? [];
  const lines = jsonLines(stdout);
  assert.ok(lines.length >= 1024 && lines.length <= Number(done.replace(",", "")), `${lines.length} ${done}`);
  assert.doesNotMatch(stderr, /^\s+at /m);
});

test("products of one class are most like each other", async () => {
  const pictures = await writePictures(at("products"), 12);
  const dir = at("product-features");
  await mobilenets(["extract", at("products"), "--out", dir, "--weights", "fashion-mnist"]);
  const classOf = (path: string) => pictures.find((picture) => picture.path === path)?.label;
  const rows = await rowsOf(dir, "--top", "1");
  const right = rows.filter(({ path, similar: [best] }) => classOf(path) === classOf(best.path));
  assert.equal(rows.length, 120);
  assert.ok(right.length >= 0.8 * rows.length, `${right.length}`);
});

test("wrong usage", async () => {
  for (const [args, message] of [
    [[], /missing required argument 'dir'/],
    [[folder, "--top", "0"], /integer >= 1/],
    [[folder, "--min", "much"], /Expected a number/],
    [[folder, "--query"], /argument missing/],
  ] as const) {
    const { code, stderr } = await similar(...args);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});
