import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isPictureName, OtherFormats } from "./other-formats.ts";
import { pathOf, walk, walkEach } from "./walk.ts";

test("pictures are told by their endings; HEIC where its decoder is installed, as here", () => {
  for (const name of ["a.jpg", "A.JPEG", "b.bmp", "c.heic", "d.tiff", "e.x.png", "f.tar.jpg"])
    assert.ok(isPictureName(name), name);
  for (const name of [".a.jpg", "a.svg", "jpg", "a.txt", "a.dng"]) assert.ok(!isPictureName(name), name);
});

test("files of other formats are counted by their endings, each once", () => {
  const seen = new OtherFormats();
  assert.equal(seen.message, undefined);
  for (const name of ["a.txt", "b.json", "c.jpg", "noending", ".hidden.psd", "Thumbs.db"]) seen.see("x", name);
  assert.equal(seen.message, undefined);
  seen.see("x", "a.PSD");
  assert.equal(seen.message, "1 file of other formats left out: .psd (1)");
  for (const name of ["a.psd", "b.psd", "c.svg", "d.CR2"]) seen.see("y", name);
  seen.see("y", "a.psd");
  assert.equal(seen.message, "5 files of other formats left out: .psd (3), .cr2 (1), .svg (1)");
});

test("walks name what they leave out, once for all folders", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "formats-"));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, "a/inner"), { recursive: true });
  await mkdir(join(root, ".hidden"));
  const names = ["a/1.jpg", "a/2.svg", "a/inner/3.psd", "a/inner/4.psd", "5.bmp", "6.dng", "7.txt", ".hidden/8.psd"];
  for (const name of names) await writeFile(join(root, name), "x");
  const expected = ["4 files of other formats left out: .psd (2), .dng (1), .svg (1)"];
  for (const one of [walk, walkEach]) {
    const told: string[] = [];
    const paths = await one([root], { onOthers: (message) => told.push(message) });
    assert.deepEqual(paths.map((path) => pathOf(path).slice(root.length + 1)).sort(), ["5.bmp", "a/1.jpg"]);
    assert.deepEqual(told, expected);
  }
  const two: string[] = [];
  await walk([join(root, "a"), join(root, "6.dng")], { onOthers: (message) => two.push(message) });
  assert.deepEqual(two, ["3 files of other formats left out: .psd (2), .svg (1)"]);
});
