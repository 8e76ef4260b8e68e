import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { evaluatedPart, openTrainingSets, unvalidatedOf } from "./open-data.ts";

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "open-data-"));
  for (const file of ["flat/bag/1.jpg", "flat/cup/1.jpg", "alone/train/bag/1.jpg", "alone/train/cup/1.jpg"]) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
  await mkdir(join(root, "whole"));
  for (const part of ["train", "val"]) {
    await mkdir(join(root, "whole", part));
    for (const name of ["bag", "cup", "hat"]) {
      await mkdir(join(root, "whole", part, name));
      if (part === "train" || name !== "bag") await writeFile(join(root, "whole", part, name, "1.jpg"), "");
    }
  }
});

after(() => rm(root, { recursive: true }));

test("a folder in parts is trained and evaluated in parts, and a class without validation is named", async () => {
  const warnings: string[] = [];
  const whole = join(root, "whole");
  const sets = await openTrainingSets(whole, {}, (warning) => warnings.push(warning));
  assert.deepEqual(sets.train.classes, ["bag", "cup", "hat"]);
  assert.deepEqual([sets.trainIndices.length, sets.validationIndices.length], [3, 2]);
  assert.deepEqual(unvalidatedOf(sets), ["bag"]);
  assert.match(warnings[0]!, /whole comes in parts: training with .*train, validating with .*val$/);
  assert.ok(
    warnings.some((warning) => /val: no pictures of "bag"$/.test(warning)),
    warnings.join("\n"),
  );

  const told: string[] = [];
  assert.equal(await evaluatedPart(whole, (warning) => told.push(warning)), join(whole, "val"));
  assert.match(told[0]!, /whole comes in parts: evaluating .*val$/);
});

test("training alone is split, and a folder of classes is what it was", async () => {
  const sets = await openTrainingSets(join(root, "alone"), { valSplit: 0 }, () => {});
  assert.deepEqual(sets.train.classes, ["bag", "cup"]);
  assert.equal(await evaluatedPart(join(root, "alone"), () => {}), join(root, "alone/train"));
  assert.equal(await evaluatedPart(join(root, "flat"), () => {}), join(root, "flat"));
});

test("parts inside of classes, and rows of a list that say theirs, are parts", async () => {
  for (const name of ["bag", "cup"]) {
    for (const part of ["train", "val", "test"]) {
      await mkdir(join(root, "inside", name, part), { recursive: true });
      await writeFile(join(root, "inside", name, part, "1.jpg"), "");
    }
  }
  const warnings: string[] = [];
  const inside = await openTrainingSets(join(root, "inside"), {}, (warning) => warnings.push(warning));
  const ids = (indices: readonly number[]) => indices.map((i) => inside.train.examples[i]!.id);
  assert.deepEqual(ids(inside.trainIndices), ["bag/train/1.jpg", "cup/train/1.jpg"]);
  assert.deepEqual(ids(inside.validationIndices), ["bag/val/1.jpg", "cup/val/1.jpg"]);
  assert.match(warnings.join(), /comes in parts inside of its classes: training with train, validating with val/);

  const list = join(root, "list.csv");
  await writeFile(list, "image,label,set\na.jpg,bag,train\nb.jpg,cup,train\nc.jpg,bag,valid\nd.jpg,cup,test");
  const told: string[] = [];
  const sets = await openTrainingSets(list, {}, (warning) => told.push(warning));
  assert.deepEqual([sets.train.examples.length, sets.validation.examples.length], [2, 1]);
  assert.match(told.join(), /says which part its rows are in: .*no pictures of "cup"/);
});

test("what is easily taken for something else is said", async () => {
  for (const file of ["nested/animal/cat/1.jpg", "nested/thing/cup/1.jpg", "nested/__MACOSX/animal/1.jpg"]) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
  const list = async (name: string, rows: string) => {
    await writeFile(join(root, name), `image,label\n${rows}`);
    return join(root, name);
  };
  for (const [data, classes, message] of [
    [join(root, "nested"), ["animal", "thing"], /folders inside .*: animal\/cat is of the class "animal"/],
    [await list("case.csv", "a.jpg,Cat\nb.jpg,cat\nc.jpg,cat"), ["Cat", "cat"], /"Cat" and "cat" are two classes/],
    [await list("ids.csv", "a.jpg,1\nb.jpg,2\nc.jpg,3"), ["1", "2", "3"], /each of 3 classes has one picture/],
  ] as const) {
    const told: string[] = [];
    const sets = await openTrainingSets(data, { valSplit: 0 }, (warning) => told.push(warning));
    assert.deepEqual(sets.train.classes, classes);
    assert.match(told.join("\n"), message);
  }
});
