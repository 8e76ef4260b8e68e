import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ReadError } from "mobilenets";
import { readFile } from "./read-file.ts";

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "read-file-"));
});
after(() => rm(root, { recursive: true }));

test("a regular file, also behind a link", async () => {
  await writeFile(join(root, "a"), "content");
  await symlink(join(root, "a"), join(root, "link"));
  for (const name of ["a", "link"]) assert.equal(Buffer.from(await readFile(join(root, name))).toString(), "content");
});

test("all else is refused at once, by what it is", { skip: process.platform === "win32" }, async () => {
  await mkdir(join(root, "folder"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  await symlink("/dev/zero", join(root, "zero.jpg"));
  const server = createServer().listen(join(root, "socket"));
  await once(server, "listening");
  try {
    for (const [name, found] of [
      ["pipe", "a named pipe \\(FIFO\\), expected a regular file"],
      ["zero.jpg", "a device, expected a regular file"],
      ["socket", "a socket, expected a regular file"],
      ["folder", "a folder without pictures"],
      ["missing", "no such file"],
      ["folder/../a/b", "cannot be read \\(ENOTDIR"],
    ]) {
      await assert.rejects(readFile(join(root, name)), (error: Error) => {
        assert.ok(error instanceof ReadError);
        assert.match(error.message, new RegExp(`^${join(root, name)}: ${found}`));
        return true;
      });
    }
  } finally {
    server.close();
  }
});
