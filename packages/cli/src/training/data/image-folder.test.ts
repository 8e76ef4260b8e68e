import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { imageFolder } from "./image-folder.ts";

let root: string;

async function write(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
}

before(async () => {
  root = await mkdtemp(join(tmpdir(), "image-folder-"));
  await write(["set/dog/b.png", "set/dog/A.JPG", "set/dog/deep/c.webp", "set/dog/notes.txt", "set/dog/.x.png"]);
  await write(["set/Cat/1.jpg", "set/.cache/y.png", "set/empty/readme.md", "set/stray.png", "set/labels.csv"]);
  await write(["one/cat/1.jpg", "flat/1.jpg"]);
});

after(() => rm(root, { recursive: true }));

test("folders are classes, sorted; pictures are told by their names", async () => {
  const warnings: string[] = [];
  const dataset = await imageFolder(join(root, "set"), { onWarning: (warning) => warnings.push(warning) });
  assert.deepEqual(dataset.classes, ["Cat", "dog"]);
  assert.deepEqual(dataset.examples, [
    { id: "Cat/1.jpg", labels: [0] },
    { id: "dog/A.JPG", labels: [1] },
    { id: "dog/b.png", labels: [1] },
    { id: "dog/deep/c.webp", labels: [1] },
  ]);
  assert.equal(dataset.paths[3], join(root, "set/dog/deep/c.webp"));
  assert.equal(warnings.length, 2);
  assert.match(warnings[0]!, /empty: no pictures in it, so it is not a class/);
  assert.match(warnings[1]!, /set: pictures outside of class folders are left out \(1\)/);
  await assert.rejects(dataset.picture(0), { message: /Cat\/1\.jpg: an empty file/ });
});

test("classes that are settled keep their order; those without pictures are only warned of", async () => {
  const warnings: string[] = [];
  const options = { classes: ["dog", "empty", "Cat", "emu"], onWarning: (warning: string) => warnings.push(warning) };
  const dataset = await imageFolder(join(root, "set"), options);
  assert.deepEqual(dataset.classes, options.classes);
  assert.deepEqual(
    dataset.examples.map(({ labels }) => labels[0]),
    [2, 0, 0, 0],
  );
  assert.match(warnings[0]!, /empty: no pictures in it$/);
  assert.match(warnings[1]!, /emu: no pictures in it$/);
  assert.deepEqual((await imageFolder(join(root, "one"), { classes: ["cat", "dog"] })).examples.length, 1);
});

test("labels that do not match, too few classes and missing folders are errors that say so", async () => {
  await assert.rejects(imageFolder(join(root, "set"), { classes: ["dog", "wolf"] }), {
    name: "OptionError",
    message: /set: class "Cat", expected only "dog", "wolf"/,
  });
  await assert.rejects(imageFolder(join(root, "one")), { message: /pictures of one class only, "cat"/ });
  await assert.rejects(imageFolder(join(root, "flat")), { message: /no class folder with pictures/ });
  await assert.rejects(imageFolder(join(root, "none")), { name: "OptionError", message: /none: no such folder/ });
  await assert.rejects(imageFolder(join(root, "flat/1.jpg")), { name: "OptionError", message: /not a folder/ });
});
