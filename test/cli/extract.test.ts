import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "mobilenets";
import { temporaryFolder } from "./folder.ts";
import { difficult, writeDifficult, writeMany } from "./pictures.ts";
import { mobilenets, tiny } from "./run.ts";
import { readStore, storeBytes } from "./store-files.ts";

const root = await temporaryFolder();
const photos = join(root, "photos");
await writeDifficult(photos);

const out = (name: string) => join(root, name);
const extract = (inputs: string[], dir: string, ...more: string[]) =>
  mobilenets(["extract", ...inputs, "--out", dir, ...tiny, ...more]);

test("difficult pictures: a right row or an error for each, in input order", async () => {
  const dir = out("difficult");
  const { code, stdout, stderr } = await extract([photos], dir, "--json");
  assert.equal(code, 0, stderr);
  const { seconds, ...summary } = JSON.parse(stdout);
  assert.deepEqual(summary, { out: dir, rows: 5, failed: 3, dim: 256 });
  assert.ok(seconds > 0);
  assert.match(stderr, /3 of 8 pictures failed/);

  const store = await readStore(dir);
  assert.deepEqual([store.rows, store.dim, store.data.length], [5, 256, 5 * 256]);
  const names = Object.keys(difficult);
  assert.deepEqual(
    store.items.map(({ path }) => path),
    names.map((name) => join(photos, name)),
  );
  const model = await load("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], weights: "random" });
  let rows = 0;
  for (const [i, name] of names.entries()) {
    const { path, ...item } = store.items[i];
    const expected = difficult[name];
    if ("error" in expected) {
      assert.deepEqual(Object.keys(item), ["error"], name);
      assert.equal(item.error?.name, "ImageError");
      assert.match(item.error?.message ?? "", expected.error);
      assert.ok(item.error?.message.startsWith(path), item.error?.message);
      continue;
    }
    const [width, height] = expected.size;
    const sha256 = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    assert.deepEqual(item, { sha256, width, height, row: rows }, name);
    assert.deepEqual(store.row(rows++), await model.embed(path), name);
  }
  model.dispose();
});

test("neither batch size nor the order of completion leaves a trace", async () => {
  await extract([photos], out("batch1"), "--batch-size", "1");
  await extract([photos], out("batch64"), "--batch-size", "64");
  const one = await storeBytes(out("batch1"));
  assert.deepEqual(one, await storeBytes(out("batch64")));
  assert.deepEqual(one, await storeBytes(out("difficult")));
});

test("files, folders and globs, each file once, in the order given", async () => {
  const good = join(photos, "good.jpg");
  const { code } = await extract([join(photos, "*.png"), good, photos], out("inputs"));
  assert.equal(code, 0);
  const { items } = await readStore(out("inputs"));
  const names = items.map(({ path }) => path.replace(`${photos}/`, ""));
  assert.deepEqual(names, [
    ...["depth16.png", "huge.png", "one.png", "good.jpg"],
    ...["cmyk.jpg", "rotated.jpg", "text.jpg", "truncated.jpg"],
  ]);
});

test("--layer: a map is averaged over the picture", async () => {
  const layer = "conv_pw_3_relu";
  const { code } = await extract([join(photos, "good.jpg")], out("layer"), "--layer", layer);
  assert.equal(code, 0);
  const store = await readStore(out("layer"));
  const model = await load("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], weights: "random" });
  const { [layer]: map } = await model.features(join(photos, "good.jpg"), [layer]);
  model.dispose();
  const [, height, width, channels] = map.shape;
  assert.deepEqual([store.rows, store.dim], [1, channels]);
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let p = 0; p < height * width; p++) sum += map.data[p * channels + c];
    assert.equal(store.data[c], Math.fround(sum / (height * width)));
  }
});

test("an unknown layer is refused, with those near to it, before a run is begun or compared", async () => {
  const { code, stderr } = await extract([photos], out("nolayer"), "--layer", "conv_pw_3_rulu");
  assert.equal(code, 2);
  assert.match(
    stderr,
    /error: mobilenet_v1: no layer "conv_pw_3_rulu", expected .*: did you mean .*\bconv_pw_3_relu\b/,
  );
  await assert.rejects(stat(out("nolayer")));
  const far = await extract([photos], out("nolayer"), "--layer", "nope");
  assert.match(far.stderr, /no layer "nope", expected one of its \d+ layers: `mobilenets summary` lists/);
  await assert.rejects(stat(out("nolayer")));

  await extract([photos], out("layered"));
  const bytes = await storeBytes(out("layered"));
  for (const more of [[], ["--overwrite"]]) {
    const begun = await extract([photos], out("layered"), "--layer", "conv_pw_3_rulu", ...more);
    assert.equal(begun.code, 2);
    assert.match(begun.stderr, /no layer "conv_pw_3_rulu"/);
    assert.deepEqual(await storeBytes(out("layered")), bytes);
  }
});

test("a finished run says so and does nothing", async () => {
  const dir = out("twice");
  await extract([photos], dir);
  const before = await stat(join(dir, "features.npy"));
  const bytes = await storeBytes(dir);
  const { code, stdout, stderr } = await extract([photos], dir, "--json");
  assert.equal(code, 0);
  assert.match(stderr, /already finished/);
  const { seconds, ...summary } = JSON.parse(stdout);
  assert.deepEqual(summary, { out: dir, rows: 5, failed: 3, dim: 256 });
  assert.deepEqual(await storeBytes(dir), bytes);
  assert.equal((await stat(join(dir, "features.npy"))).ino, before.ino);
});

test("other settings or pictures are refused by name, --overwrite starts anew", async () => {
  const dir = out("settings");
  await extract([photos], dir);
  const bytes = await storeBytes(dir);
  for (const [change, message] of [
    [["--alpha", "0.5"], /run\.json: a run begun with options\.alpha 0\.25, expected 0\.5/],
    [["--network", "mobilenet_v2"], /a run begun with network "mobilenet_v1", expected "mobilenet_v2"/],
    [["--seed", "5"], /a run begun with model "[0-9a-f]{64}"/],
    [["--crop", "pad"], /a run begun with preprocessing\.crop "center", expected "pad"/],
    [["--layer", "conv_pw_3_relu"], /a run begun with layer null, expected "conv_pw_3_relu"/],
  ] as const) {
    const { code, stdout, stderr } = await extract([photos], dir, ...change);
    assert.deepEqual([code, stdout], [2, ""], change.join(" "));
    assert.match(stderr, message);
    assert.match(stderr, /--overwrite/);
  }
  const others = await extract([join(photos, "*.png")], dir);
  assert.equal(others.code, 2);
  assert.match(others.stderr, /items\.jsonl, line 1: ".*cmyk\.jpg", expected ".*depth16\.png"/);
  assert.deepEqual(await storeBytes(dir), bytes);

  const anew = await extract([join(photos, "*.png")], dir, "--overwrite");
  assert.equal(anew.code, 0);
  assert.equal((await readStore(dir)).items.length, 3);
});

test("results that no run.json belongs to are not overwritten by accident", async () => {
  const dir = out("foreign");
  await mkdir(dir);
  await writeFile(join(dir, "features.npy"), "years of work");
  const { code, stderr } = await extract([photos], dir);
  assert.equal(code, 2);
  assert.match(stderr, /features\.npy: a file that no run\.json belongs to/);
  assert.equal(await readFile(join(dir, "features.npy"), "utf8"), "years of work");
});

test("no readable picture, or none at all, is a failed job", async () => {
  const { code, stdout } = await extract([join(photos, "t*.jpg")], out("allbad"), "--json");
  assert.equal(code, 1);
  const { rows, failed } = JSON.parse(stdout);
  assert.deepEqual([rows, failed], [0, 2]);
  assert.deepEqual([(await readStore(out("allbad"))).rows, (await readStore(out("allbad"))).dim], [0, 256]);

  const empty = join(root, "empty");
  await mkdir(empty);
  const none = await extract([empty], out("none"));
  assert.equal(none.code, 1);
  assert.match(none.stderr, /empty: no pictures/);
});

test("a misspelt name begins no run that the right one would not fit", async () => {
  const wrong = await extract([join(root, "fotos")], out("misspelt"));
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /fotos: no such file or folder/);
  assert.equal((await extract([photos], out("misspelt"))).code, 0);
});

test("--out is required; --quiet leaves stderr to problems", async () => {
  const missing = await mobilenets(["extract", photos, ...tiny]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /required option '--out <dir>' not specified/);

  const many = join(root, "many");
  await writeMany(many, 12);
  const loud = await extract([many], out("loud"));
  assert.match(loud.stderr, /12\/12 {2}100% {2}[\d.]+\/s {2}1 failed/);
  const quiet = await extract([many], out("quiet"), "--quiet");
  assert.doesNotMatch(quiet.stderr, /\d\/s/);
  assert.deepEqual(await storeBytes(out("quiet")), await storeBytes(out("loud")));
});
