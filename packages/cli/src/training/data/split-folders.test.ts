import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkClassFolders, innermost, partNamed, splitFolders, validationOf } from "./split-folders.ts";

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "split-folders-"));
});

after(() => rm(root, { recursive: true }));

async function parts(name: string, folders: readonly string[]) {
  for (const folder of folders) await mkdir(join(root, name, folder), { recursive: true });
  const found = await splitFolders(join(root, name));
  return found && { ...found, train: found.train.slice(root.length), validation: found.validation?.slice(root.length) };
}

test("train and val, as datasets call them, are parts", async () => {
  const usual = { train: "/a/train", validation: "/a/val", others: ["test"] };
  assert.deepEqual(await parts("a", ["train/cat", "val/cat", "test/cat", ".cache"]), usual);
  assert.deepEqual(await parts("b", ["Train/cat", "Test/cat"]), {
    train: "/b/Train",
    validation: "/b/Test",
    others: [],
  });
  assert.equal((await parts("c", ["training/cat", "validation/cat"]))?.validation, "/c/validation");
});

test("other spellings, other folders beside them, and training alone", async () => {
  const two = (part: string) => [`${part}/cat`, `${part}/dog`];
  assert.deepEqual(await parts("h", ["training_set/cat", "test_set/cat"]), {
    train: "/h/training_set",
    validation: "/h/test_set",
    others: [],
  });
  assert.equal((await parts("i", ["train2017/cat", "val2017/cat"]))?.validation, "/i/val2017");
  assert.deepEqual(await parts("j", [...two("train"), ...two("valid"), ...two("test"), "annotations"]), {
    train: "/j/train",
    validation: "/j/valid",
    others: ["annotations", "test"],
  });
  assert.deepEqual(await parts("k", two("train")), { train: "/k/train", validation: undefined, others: [] });
});

test("parts of one kind of dataset, in folders of their own, and in other words", async () => {
  const two = (part: string) => [`${part}/cat`, `${part}/dog`];
  const parted = async (name: string, folders: readonly string[]) => {
    const found = await parts(name, folders);
    return found && [found.train, found.validation];
  };
  assert.deepEqual(await parted("l", [...two("seg_train/seg_train"), ...two("seg_test/seg_test"), "seg_pred"]), [
    "/l/seg_train/seg_train",
    "/l/seg_test/seg_test",
  ]);
  for (const [i, [train, validation]] of [
    ["01_train", "02_val"],
    ["Train Data", "Holdout Data"],
    ["train_v2", "validate_v2"],
    ["训练集", "验证集"],
  ].entries()) {
    const found = await parted(`m${i}`, [...two(train), ...two(validation)]);
    assert.deepEqual(found, [`/m${i}/${train}`, `/m${i}/${validation}`]);
  }
  // These class names contain words for parts.
  assert.equal(await parted("n", ["freight_train/a", "freight_test/b", "cat"]), undefined);
  assert.equal(await parted("o", [...two("freight_train"), ...two("test_tube"), "cat"]), undefined);
});

test("short names, which languages have too, are parts where both hold the same classes", async () => {
  const two = (part: string) => [`${part}/cat`, `${part}/dog`];
  assert.equal((await parts("r", [...two("tr"), ...two("te")]))?.validation, "/r/te");
  assert.equal((await parts("s", [...two("Tr"), ...two("Va"), ...two("Te")]))?.validation, "/s/Va");
  assert.equal(await parts("t", ["tr/a", "te/b", "de/c"]), undefined);
  assert.equal(await parts("u", ["tr/speaker1", "te/speaker2"]), undefined);
});

test("parts in a folder of pictures, and folders of pictures in parts", async () => {
  const two = (part: string) => [`${part}/cat`, `${part}/dog`];
  const inner = async (name: string, folders: readonly string[]) => {
    for (const folder of folders) await mkdir(join(root, name, folder), { recursive: true });
    const found = await splitFolders(await innermost(join(root, name)));
    return found && [found.train, found.validation].map((path) => path?.slice(root.length + 1 + name.length));
  };
  const parted = ["/images/train", "/images/val"];
  assert.deepEqual(await inner("v", [...two("images/train"), ...two("images/val")]), parted);
  assert.deepEqual(
    await inner("w", [...two("images/train"), ...two("images/val"), "labels/train", "annotations"]),
    parted,
  );
  assert.deepEqual(await inner("x", [...two("train/images"), ...two("val/images"), "train/labels"]), [
    "/train/images",
    "/val/images",
  ]);
  // A class lies beside its masks.
  await mkdir(join(root, "y/cat/a"), { recursive: true });
  await mkdir(join(root, "y/masks"), { recursive: true });
  assert.equal(await innermost(join(root, "y")), join(root, "y"));
});

test("folds, and parts and classes in one name, are no classes", async () => {
  const refused = async (name: string, folders: readonly string[], message: RegExp) => {
    for (const folder of folders) await mkdir(join(root, name, folder), { recursive: true });
    await assert.rejects(checkClassFolders(join(root, name)), { name: "OptionError", message });
  };
  const folds = ["fold_1", "fold_2", "fold_3"].flatMap((fold) => [`${fold}/cat`, `${fold}/dog`]);
  await refused("z1", folds, /folds fold_1, fold_2 that each hold cat, dog.*--val/);
  await refused(
    "z2",
    ["train_cat", "train_dog", "val_cat", "val_dog"],
    /train_cat, val_cat that are named .*train\/cat/,
  );
  await refused("z3", ["trainA", "trainB", "testA", "testB"], /named for a part and a class/);
  for (const [name, folders] of [
    ["z4", ["part1", "part2"]],
    ["z5", ["freight_train", "freight_test", "cat"]],
  ] as const) {
    for (const folder of folders) await mkdir(join(root, name, folder), { recursive: true });
    await checkClassFolders(join(root, name));
  }
});

test("the one folder in a folder is meant where it holds several", async () => {
  for (const folder of ["p/flowers/rose", "p/flowers/daisy", "p/__MACOSX/x", "q/cat"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  assert.equal(await innermost(join(root, "p")), join(root, "p/flowers"));
  assert.equal(await innermost(join(root, "q")), join(root, "q"));
  assert.deepEqual(["Train", "val2017", "test", "cat"].map(partNamed), ["train", "val", "test", undefined]);
  assert.equal(validationOf(["train", "test", "val"]), "val");
});

test("classes of such names are classes", async () => {
  assert.equal(await parts("d", ["train", "bus", "car"]), undefined);
  assert.equal(await parts("e", ["train/cat", "val/cat", "dog"]), undefined);
  assert.equal(await parts("f", ["train", "test"]), undefined);
  assert.equal(await parts("g", ["train/cat"]), undefined);
  assert.equal(await splitFolders(join(root, "missing")), undefined);
});
