import assert from "node:assert/strict";
import { type Dirent, readdir } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { OtherFormats } from "./other-formats.ts";
import { type Input, pathOf, pictureNames, walk, walkEach } from "./walk.ts";
import type { Readdir } from "./watched-folders.ts";

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
  return (await walk(inputs)).map((path) => pathOf(path).replace(`${root}/`, ""));
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

/** Makes folders of this name fail the first `times` times. This also works for root. */
function failing(name: string, code: string, times = Number.POSITIVE_INFINITY): Readdir {
  return (path, options, callback) => {
    if (!path.replace(/\/$/, "").endsWith(name) || times-- <= 0) {
      (readdir as Readdir)(path, options, callback);
      return;
    }
    const error = Object.assign(new Error(`${code}: scandir '${path}'`), { code });
    setImmediate(() => callback(error, []));
  };
}

const errorsOf = (inputs: readonly Input[]) =>
  inputs.map((input) => (typeof input === "string" ? "" : input.error.message));

test("a folder that cannot be read ends a walk that is to be whole; others go on and name it", async () => {
  const denied = failing("/[1]", "EACCES");
  for (const input of [root, join(root, "sub"), join(root, "sub/[1]"), join(root, "**/*.gif")]) {
    await assert.rejects(walk([input], { readdir: denied }), {
      name: "ReadError",
      message: /sub\/\[1\]: a folder that cannot be read \(EACCES.*: make it readable/,
    });
    const found = await walkEach([input], { readdir: denied });
    assert.equal(
      errorsOf(found).filter((message) => /sub\/\[1\]: a folder that cannot/.test(message)).length,
      1,
      input,
    );
  }
  const found = await walkEach([join(root, "sub")], { readdir: denied });
  assert.deepEqual(found.map(pathOf), [join(root, "sub/c.tiff"), join(root, "sub/[1]")]);
});

test("a machine that fails at a folder is tried again, then named", async () => {
  assert.equal((await walk([join(root, "sub")], { readdir: failing("/sub", "EMFILE", 2) })).length, 2);
  await assert.rejects(walkEach([root], { readdir: failing("/sub", "EIO") }), {
    name: "MachineError",
    message: /sub: this machine failed \(.*EIO/,
  });
});

test("a name that is not UTF-8 is said to be none, and no other file is taken for it", async () => {
  const bytes = (text: string) => Buffer.from(text, "latin1");
  const names = [bytes("caf\xe9.jpg"), bytes("\xff.txt"), Buffer.from("caf\ufffd.jpg"), bytes("dir\xe9")];
  const odd: Readdir = (_path, _options, callback) => {
    const entries = names.map((name) => ({
      name,
      isFile: () => name.includes("."),
      isDirectory: () => !name.includes("."),
      isSymbolicLink: () => false,
    }));
    setImmediate(() => callback(null, entries as unknown as Dirent<Buffer>[]));
  };
  const found = await walk([root], { readdir: odd });
  assert.deepEqual(
    found.map(pathOf),
    ["caf\ufffd.jpg", "caf\\xe9.jpg", "dir\\xe9"].map((name) => join(root, name)),
  );
  assert.match(errorsOf(found)[1]!, /caf\\xe9\.jpg: a name that is not UTF-8, expected UTF-8: rename it/);
  const left: string[] = [];
  assert.deepEqual(await pictureNames(root, ({ error }) => left.push(error.message), new OtherFormats(), odd), [
    "caf\ufffd.jpg",
  ]);
  assert.equal(left.length, 2);
});
