import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadError } from "mobilenets";
import { DataLoader } from "mobilenets/train";
import { thumbnail } from "../html/thumbnail.ts";
import { decodeFile, fileOpener } from "./decode-file.ts";
import { MachineError } from "./machine-error.ts";

const failing = (code: string) => async (path: string) => {
  const cause = Object.assign(new Error(`${code}: open '${path}'`), { code });
  throw new ReadError({ where: path, found: `cannot be read (${code})` }, { cause });
};

/** Opens pictures like training, with a reader that fails for all but the named ones. */
function loaderOf(paths: readonly string[], code: string) {
  const picture = fileOpener(paths, (path) => decodeFile(path, failing(code)));
  const examples = paths.map((id) => ({ id, labels: [0] }));
  return new DataLoader({ classes: ["a"], examples, picture }, { cacheBytes: 0 });
}

const preprocessing = {
  width: 8,
  height: 8,
  channels: 3,
  crop: "squash",
  mean: [0, 0, 0],
  std: [1, 1, 1],
} as unknown as Parameters<DataLoader["load"]>[1]["preprocessing"];

test("training stops where the machine fails; it counts no picture as unreadable for that", async () => {
  for (const code of ["EMFILE", "ENFILE", "ENOMEM", "EIO"]) {
    const loader = loaderOf(["a.jpg", "b.jpg"], code);
    await assert.rejects(
      loader.load([0, 1], { preprocessing }),
      (error) =>
        error instanceof MachineError && new RegExp(`[ab]\\.jpg: this machine failed \\(.*${code}`).test(error.message),
      code,
    );
    assert.deepEqual(loader.skipped, []);
  }
});

test("training leaves out a picture that may not be read, and stops at a hundred in a row", async () => {
  const few = loaderOf(["a.jpg", "b.jpg"], "EACCES");
  await few.load([0, 1], { preprocessing });
  assert.equal(few.skipped.length, 2);
  const paths = Array.from({ length: 150 }, (_, i) => `${i}.jpg`);
  await assert.rejects(
    loaderOf(paths, "EACCES").load([...paths.keys()], { preprocessing }),
    (error) => error instanceof MachineError && /0\.jpg to .*: 100 pictures in a row/.test(error.message),
  );
});

test("a thumbnail is missing for a picture that is gone, an error where the machine fails", async () => {
  assert.equal(await thumbnail("a.jpg", 100, failing("ENOENT")), undefined);
  await assert.rejects(thumbnail("a.jpg", 100, failing("EMFILE")), MachineError);
});

test("a thumbnail is made of pixels only, whatever the file is called", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  assert.equal(await thumbnail("a.png", 100, async () => new TextEncoder().encode(svg)), undefined);
});
