import assert from "node:assert/strict";
import { link, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ReadError } from "mobilenets";
import { create, replace } from "tar";
import { tarEntries } from "./tar.ts";

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "tar-"));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

const long = `${"very-long-folder/".repeat(9)}é-${"x".repeat(90)}.png`;
const files: Readonly<Record<string, string>> = {
  "00/0001.jpg": "first",
  "00/0001.json": "{}",
  "00/empty.jpg": "",
  [long]: "a name that takes attributes of its own",
  "0002.JPEG": "x".repeat(513),
  ".hidden.jpg": "not a picture's name",
};

test("pictures of a shard, wherever they lie and whatever their names, and their very bytes", async (t) => {
  const dir = await folder(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(dir, "in", name, ".."), { recursive: true });
    await writeFile(join(dir, "in", name), text);
  }
  await symlink("0001.jpg", join(dir, "in", "00", "link.jpg"));
  const archive = join(dir, "shard.tar");
  for (const portable of [true, false]) {
    await create({ cwd: join(dir, "in"), file: archive, portable }, [
      "00",
      "very-long-folder",
      "0002.JPEG",
      ".hidden.jpg",
    ]);
    const bytes = await readFile(archive);
    const entries = await tarEntries(archive, "https://example.com/shard.tar");
    const found = entries.map(({ id, member }) => [
      id,
      bytes.toString("utf8", member!.offset, member!.offset + member!.size),
    ]);
    const names = ["00/0001.jpg", "00/link.jpg", "00/empty.jpg", long, "0002.JPEG"];
    const expected = names.map((name) => [`https://example.com/shard.tar/${name}`, files[name] ?? "first"]);
    assert.deepEqual(found.sort(), expected.sort());
  }
});

test("links are their files, the last of one name counts, and a link to nowhere is an error", async (t) => {
  const dir = await folder(t);
  const path = (name: string) => join(dir, "in", name);
  await mkdir(path("d"), { recursive: true });
  await writeFile(path("a.bin"), "first");
  await link(path("a.bin"), path("hard.jpg"));
  await symlink("../a.bin", path("d/soft.jpg"));
  await symlink("soft.jpg", path(`d/${"long".repeat(40)}.jpg`));
  await symlink("/etc/passwd", path("out.jpg"));
  await symlink("circle.jpg", path("circle.jpg"));
  const archive = join(dir, "links.tar");
  await create({ cwd: join(dir, "in"), file: archive }, ["."]);
  await rm(path("a.bin"));
  await writeFile(path("a.bin"), "second");
  await replace({ cwd: join(dir, "in"), file: archive }, ["./a.bin"]);
  const bytes = await readFile(archive);
  const found = Object.fromEntries(
    (await tarEntries(archive, "t")).map(({ id, member, error }) => {
      return [id, error ?? bytes.toString("utf8", member!.offset, member!.offset + member!.size)];
    }),
  );
  assert.deepEqual(found, {
    "t/hard.jpg": "second",
    "t/d/soft.jpg": "second",
    [`t/d/${"long".repeat(40)}.jpg`]: "second",
    "t/out.jpg": "t/out.jpg: a link to /etc/passwd, which is not in the archive",
    "t/circle.jpg": "t/circle.jpg: a link to circle.jpg, which is not in the archive",
  });
});

test("what is cut short, damaged, or no archive is refused", async (t) => {
  const dir = await folder(t);
  const archive = join(dir, "a.tar");
  await writeFile(join(dir, "0002.JPEG"), files["0002.JPEG"]);
  await create({ cwd: dir, file: archive }, ["0002.JPEG"]);
  const whole = await readFile(archive);
  const refused = (message: RegExp) =>
    assert.rejects(tarEntries(archive), (error) => error instanceof ReadError && message.test(error.message));
  await truncate(archive, 900);
  await refused(/a\.tar: cut short at byte 512, expected a tar archive/);
  await truncate(archive, 100);
  await refused(/cut short at byte 0/);
  await writeFile(archive, whole.with(3, whole[3] ^ 1));
  await refused(/no header of a file at byte 0/);
  await writeFile(archive, new Uint8Array(2048));
  await refused(/no files at byte 0/);
  await rm(archive);
  await refused(/cannot be read/);
});
