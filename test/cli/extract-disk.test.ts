// Disks that fill up, or become read-only, in the middle of an extraction: the real thing, on disks in memory.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folder.ts";
import { partFiles, vectorsOf } from "./parts.ts";
import { writeMany } from "./pictures.ts";
import { mobilenets, type Outcome, outcome, start, tiny } from "./run.ts";
import { storeBytes } from "./store-files.ts";

const root = await temporaryFolder();
const photos = join(root, "photos");
await writeMany(photos, 100);
const formats = ["parquet", "npy"] as const;
type Format = (typeof formats)[number];
const args = (out: string, format: Format) => {
  const chunks = format === "parquet" ? ["--chunk-size", "10"] : [];
  return ["extract", photos, "--out", out, "--format", format, "--quiet", ...chunks, ...tiny];
};
const mount = (...options: string[]) => spawnSync("mount", options, { encoding: "utf8" });

/** Starts a run and stops it for good when it has written some parts, by making the disk read-only. */
async function untilReadOnly(disk: string, out: string, format: Format): Promise<Outcome> {
  const empty = await statfs(disk);
  const child = start([...args(out, format), "--batch-size", "1"]);
  const ended = outcome(child);
  const used = async () => (empty.bfree - (await statfs(disk)).bfree) * empty.bsize;
  while (child.exitCode === null && (await used()) < 40_000) await sleep(1);
  // The matrix is open for writing all the time, and until it is closed the system refuses.
  if (format === "npy") child.kill("SIGKILL");
  while (child.exitCode === null) {
    child.kill("SIGSTOP");
    const { status } = mount("-o", "remount,ro", disk);
    child.kill("SIGCONT");
    if (status === 0) break;
    await sleep(2);
  }
  const end = await ended;
  if (format !== "npy") return end;
  assert.equal(mount("-o", "remount,ro", disk).status, 0);
  return mobilenets(args(out, format));
}

for (const format of formats) {
  test(`a disk that becomes read-only, then is full: the same command makes the rest, ${format}`, async (t) => {
    const disk = join(root, format);
    await mkdir(disk);
    const { status, stderr, error } = mount("-t", "tmpfs", "-o", "size=10m", "none", disk);
    if (status !== 0) return t.skip(`no disk can be mounted here: ${error?.message ?? stderr.trim()}`);
    try {
      const [whole, out] = [join(root, `whole-${format}`), join(disk, "store")];
      assert.equal((await mobilenets(args(whole, format))).code, 0);
      const contents = (dir: string): Promise<Record<string, string>> =>
        format === "npy" ? storeBytes(dir).then((files) => ({ ...files })) : partFiles(dir);
      const expected = await contents(whole);
      const isCut = async () => {
        if (format === "npy") return;
        const there = Object.entries(await contents(out)).filter(([name]) => name.endsWith(".parquet"));
        for (const [name, bytes] of there) assert.equal(bytes, expected[name], `${name} is whole and right`);
        assert.ok(there.length > 0 && there.length < Object.keys(expected).length, `${there.length} parts`);
      };

      const readOnly = await untilReadOnly(disk, out, format);
      assert.equal(readOnly.code, 1, readOnly.stderr);
      assert.match(
        readOnly.stderr,
        /error: EROFS: read-only file system.*: make the disk writable; then the same command continues/,
      );
      assert.doesNotMatch(readOnly.stderr, / {4}at /);
      await isCut();

      const { blocks, bfree, bsize } = await statfs(disk);
      const size = (blocks - bfree) * bsize + 30_000;
      assert.equal(mount("-o", `remount,rw,size=${size}`, disk).status, 0);
      const full = await mobilenets(args(out, format));
      assert.deepEqual([full.code, full.stdout], [1, ""], full.stderr);
      assert.match(
        full.stderr,
        /error: ENOSPC: no space left on device.*: make room on the disk; then the same command continues/,
      );
      assert.doesNotMatch(full.stderr, / {4}at /);
      await isCut();

      assert.equal(mount("-o", "remount,size=10m", disk).status, 0);
      const last = await mobilenets(args(out, format));
      assert.equal(last.code, 0, last.stderr);
      assert.deepEqual(await contents(out), expected);
      // Throws for a picture that has two rows.
      if (format === "parquet") assert.equal(Object.keys(await vectorsOf(out)).length, 90);
    } finally {
      spawnSync("umount", [disk]);
    }
  });
}
