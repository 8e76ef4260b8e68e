import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { temporaryFolder } from "./folder.ts";
import { jsonLines, mobilenets, type Outcome, tiny } from "./run.ts";
import { writeShapes } from "./shapes.ts";

// Names are data: no file, class or label writes on the terminal what it likes.

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);

/** Clears a screen, sets a title, breaks a line, turns the direction of text, ends with the two control sequences of 8 bits. */
const ODD = "a\x1b[2J\x1b]0;t\x07\n\u202e\x9b31m\x7f";
const HOSTILE = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
const shapes = at("shapes");
await writeShapes(shapes, 6);
const [one] = readdirSync(shapes);
const photo = readFileSync(join(shapes, one, readdirSync(join(shapes, one))[0]));

function clean({ stdout, stderr }: Outcome): string {
  for (const [name, text] of Object.entries({ stdout, stderr })) {
    const index = text.search(HOSTILE);
    assert.equal(index, -1, `${name}: ${JSON.stringify(text.slice(index - 40, index + 40))}`);
    assert.ok(
      !text.includes("a\\u001b[2J\n") && !text.includes("\\u0007\n"),
      `${name} is broken where a name has a line feed`,
    );
  }
  return stdout;
}

test("control characters of files, labels, classes and layers are written out, one line each", async () => {
  const photos = at("photos");
  await mkdir(photos);
  await writeFile(join(photos, `${ODD}.png`), photo);
  await writeFile(join(photos, `${ODD}bad.png`), "no picture");
  const labels = at("labels.json");
  await writeFile(labels, JSON.stringify(Array.from({ length: 1000 }, (_, i) => `${ODD}${i}`)));

  const text = await mobilenets(["classify", photos, ...tiny, "--labels", labels]);
  assert.equal(text.code, 1, text.stderr);
  const lines = clean(text).trimEnd().split("\n");
  assert.equal(lines.length, 6, "a name and five classes");
  assert.ok(lines.every((line) => line.includes("a\\u001b[2J\\u001b]0;t\\u0007\\u000a\\u202e\\u009b31m\\u007f")));
  assert.match(text.stderr, /^error: .*\\u001b\[2J.*bad\.png: content of an unknown format/m);

  const json = await mobilenets(["classify", photos, ...tiny, "--labels", labels, "--json"]);
  const rows = jsonLines(clean(json)) as { path: string; topK?: { label: string }[] }[];
  assert.equal(rows[0].path, join(photos, `${ODD}.png`), "for machines a name is what it is");
  assert.ok(rows[0].topK?.[0].label.startsWith(ODD));

  assert.equal(
    clean(await mobilenets(["embed", photos, ...tiny]))
      .trimEnd()
      .split("\n").length,
    1,
  );
  clean(await mobilenets(["embed", photos, ...tiny, "--json"]));

  const features = at(`features${ODD}`);
  const extracted = await mobilenets(["extract", photos, "--out", features, ...tiny]);
  assert.equal(extracted.code, 0, extracted.stderr);
  clean(extracted);
  clean(await mobilenets(["similar", features]));
  clean(await mobilenets(["similar", features, "--query", join(photos, `${ODD}bad.png`)]));
  const html = at("similar.html");
  clean(await mobilenets(["similar", features, "--html", html]));
  assert.doesNotMatch(await readFile(html, "utf8"), HOSTILE);

  for (const args of [
    ["classify", join(photos, `${ODD}none.png`), ...tiny],
    ["classify", photos, "--weights", `${ODD}.onnx`],
    ["classify", photos, ...tiny, "--labels", at(`${ODD}.txt`)],
    ["extract", photos, "--out", at("layer"), ...tiny, "--layer", ODD],
    ["summary", ODD],
    ["classify", photos, `--${ODD}`],
    ["convert", `${ODD}.onnx`, at("x.safetensors")],
    ["weights", "pull", ODD],
  ]) {
    const { code, ...outcome } = await mobilenets(args);
    assert.ok(code === 1 || code === 2, `${args}: ${outcome.stderr}`);
    clean({ code, ...outcome });
  }
});

test("classes of training and evaluation are written out, on the page as well", async () => {
  const data = at("classes");
  for (const [i, name] of readdirSync(shapes).entries())
    await cp(join(shapes, name), join(data, `${ODD}${i}`), { recursive: true });
  await mkdir(join(data, `${ODD}empty`));
  writeFileSync(join(data, `${ODD}0`, `${ODD}bad.png`), "no picture");
  const out = at("run");
  const network = ["--network", "mobilenet_v1", "--alpha", "0.25", "--size", "32", "--workers", "0"];
  const trained = await mobilenets(["train", data, ...network, "--epochs", "1", "--batch", "4", "--out", out]);
  assert.equal(trained.code, 0, trained.stderr);
  clean(trained);
  assert.match(trained.stderr, /warning: .*empty: no pictures in it/);
  assert.doesNotMatch(await readFile(join(out, "report.html"), "utf8"), HOSTILE);
  const evaluated = await mobilenets(["evaluate", data, "--weights", join(out, "model.safetensors"), "--workers", "0"]);
  assert.equal(evaluated.code, 0, evaluated.stderr);
  assert.match(clean(evaluated), /a\\u001b\[2J/);
  clean(await mobilenets(["evaluate", data, "--weights", join(out, "model.safetensors"), "--workers", "0", "--json"]));
});

describe("folders and names that cannot be had", { skip: process.platform !== "linux" }, () => {
  const photos = at("hard");
  const classes = at("hard-classes");

  before(() => {
    for (const folder of [photos, join(classes, "a"), join(classes, "b")]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "good.png"), photo);
    }
    // Not even root reads a folder whose path is longer than the system allows.
    const deep = `const d = "d".repeat(240); for (let i = 0; i < 20; i++) { fs.mkdirSync(d); process.chdir(d); }`;
    for (const cwd of [photos, join(classes, "a")]) execFileSync(process.execPath, ["-e", deep], { cwd });
    execFileSync("sh", ["-c", `cp good.png "$(printf 'caf\\351.png')"`], { cwd: photos });
  });
  // Node's own cannot either.
  after(() => execFileSync("rm", ["-rf", photos, classes]));

  test("classify goes on after a folder that cannot be read and a name that is not UTF-8", async () => {
    const { code, stdout, stderr } = await mobilenets(["classify", photos, ...tiny, "--json"]);
    assert.equal(code, 1);
    const rows = jsonLines(stdout) as { path: string; error?: { message: string } }[];
    assert.equal(rows.length, 3, stdout);
    assert.ok(rows[0].path.endsWith("good.png") && !rows[0].error);
    assert.match(stderr, /caf\\xe9\.png: a name that is not UTF-8/);
    assert.match(stderr, /d{200}: a folder that cannot be read \(ENAMETOOLONG/);
    const named = await mobilenets(["classify", `${photos}/caf\ufffd.png`, ...tiny]);
    assert.match(named.stderr, /no such file: a name that is not UTF-8: rename it/);
  });

  test("extract and train stop before they begin, and name the folder", async () => {
    for (const args of [
      ["extract", photos, ...tiny],
      ["train", classes, "--network", "mobilenet_v1", "--alpha", "0.25", "--size", "32", "--workers", "0"],
    ]) {
      const out = at(`none-${args[0]}`);
      const { code, stdout, stderr } = await mobilenets([...args, "--out", out]);
      assert.equal(code, 1, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^error: .*d{200}: a folder that cannot be read \(ENAMETOOLONG.*make it readable/m);
      assert.ok(!existsSync(join(out, "run.json")));
    }
  });

  test("extract writes a line for a name that is not UTF-8, and goes on with it", async () => {
    const folder = at("latin1");
    cpSync(join(photos, "good.png"), join(folder, "good.png"));
    execFileSync("sh", ["-c", `cp good.png "$(printf 'caf\\351.png')"`], { cwd: folder });
    const out = at("latin1-out");
    const first = await mobilenets(["extract", folder, "--out", out, ...tiny, "--json"]);
    assert.equal(first.code, 0, first.stderr);
    const items = jsonLines(await readFile(join(out, "items.jsonl"), "utf8")) as { path: string; error?: object }[];
    assert.deepEqual(
      items.map(({ path }) => path),
      [join(folder, "good.png"), join(folder, "caf\\xe9.png")],
    );
    const again = await mobilenets(["extract", folder, "--out", out, ...tiny]);
    assert.match(again.stderr, /already finished/);
    rmSync(folder, { recursive: true });
  });
});
