import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { splitFolders } from "./split-folders.ts";

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

test("classes of such names are classes", async () => {
  assert.equal(await parts("d", ["train", "bus", "car"]), undefined);
  assert.equal(await parts("e", ["train/cat", "val/cat", "dog"]), undefined);
  assert.equal(await parts("f", ["train", "test"]), undefined);
  assert.equal(await parts("g", ["train/cat"]), undefined);
  assert.equal(await splitFolders(join(root, "missing")), undefined);
});
