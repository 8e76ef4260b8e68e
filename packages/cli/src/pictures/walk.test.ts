import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { walk } from "./walk.ts";

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "walk-"));
  const files = ["b.jpg", "a.PNG", "Z.jpeg", "é.webp", "notes.txt", ".hidden.jpg", ".cache/x.jpg", "sub/c.tiff"];
  for (const file of [...files, "sub/[1]/d.gif", "sub.jpg/e.avif"]) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
});

after(() => rm(root, { recursive: true }));

async function relative(inputs: string[]): Promise<string[]> {
  return (await walk(inputs)).map((path) => path.replace(`${root}/`, ""));
}

test("a folder gives its pictures at every depth, in code-unit order, without hidden files", async () => {
  const expected = ["Z.jpeg", "a.PNG", "b.jpg", "sub.jpg/e.avif", "sub/[1]/d.gif", "sub/c.tiff", "é.webp"];
  assert.deepEqual(await relative([root]), expected);
  assert.deepEqual(await relative([`${root}/`]), expected);
});

test("arguments keep their order, and a file counts once however it is named", async () => {
  const inputs = [join(root, "sub/c.tiff"), join(root, "b.jpg"), `${root}/sub/../b.jpg`, join(root, "sub")];
  assert.deepEqual(await relative(inputs), ["sub/c.tiff", "b.jpg", "sub/[1]/d.gif"]);
});

test("globs give all they match, brackets in a real name are no glob", async () => {
  assert.deepEqual(await relative([join(root, "*.{txt,PNG}")]), ["a.PNG", "notes.txt"]);
  assert.deepEqual(await relative([join(root, "**/*.{txt,gif}")]), ["notes.txt", "sub/[1]/d.gif"]);
  assert.deepEqual(await relative([join(root, "sub/[1]/d.gif")]), ["sub/[1]/d.gif"]);
  assert.deepEqual(await relative([join(root, "sub/[1]")]), ["sub/[1]/d.gif"]);
  assert.deepEqual(await relative([join(root, "none*")]), []);
});

test("paths are given back as they were given: relative ones stay relative", async (t) => {
  const cwd = process.cwd();
  t.after(() => process.chdir(cwd));
  process.chdir(root);
  assert.deepEqual(await walk(["sub"]), ["sub/[1]/d.gif", "sub/c.tiff"]);
  assert.deepEqual(await walk(["."]).then((paths) => paths[0]), "Z.jpeg");
  assert.deepEqual(await walk(["*.PNG"]), ["a.PNG"]);
});

test("a folder that a glob matches is walked", async () => {
  assert.deepEqual(await relative([join(root, "sub*")]), ["sub.jpg/e.avif", "sub/[1]/d.gif", "sub/c.tiff"]);
});

test("a missing file is handed on", async () => {
  assert.deepEqual(await relative([join(root, "missing.jpg")]), ["missing.jpg"]);
});

test("a folder that contains itself by a link does not go on for ever", async () => {
  await mkdir(join(root, "loop"));
  await writeFile(join(root, "loop/x.png"), "");
  await symlink(join(root, "loop"), join(root, "loop/again"));
  const paths = await relative([join(root, "loop")]);
  assert.ok(paths.includes("loop/x.png"));
  assert.ok(paths.length < 100, `${paths.length} paths`);
});
