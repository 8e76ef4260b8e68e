import assert from "node:assert/strict";
import {
  appendFile,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { agreement } from "../../bench/dedupe/agreement.ts";
import { KINDS, writeCopies } from "../../bench/dedupe/copies.ts";
import { turnsOf } from "../../packages/cli/src/dedupe/descriptor.ts";
import { findDuplicates } from "../../packages/cli/src/dedupe/find.ts";
import { limitsOf } from "../../packages/cli/src/pictures/limits.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { temporaryFolder } from "./folder.ts";
import { jsonLines, mobilenets } from "./run.ts";

interface Group {
  readonly kind: string;
  readonly keep: string;
  readonly pictures: readonly { readonly path: string; readonly similarity: number; readonly exif: boolean }[];
}

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const dedupe = (...args: string[]) => mobilenets(["dedupe", ...args]);

/** Patches of colour with edges and texture; two with different seeds have nothing in common. */
async function writeScene(path: string, seed: number): Promise<void> {
  const next = random(seed * 7919 + 1);
  const shape = { width: 8, height: 6, channels: 3 } as const;
  const patches = sharp(Buffer.from(Array.from({ length: 144 }, () => Math.floor(256 * next()))), { raw: shape });
  const shapes = Array.from({ length: 14 }, () => {
    const [x, y, r, c] = [224 * next(), 168 * next(), 5 + 25 * next(), Math.floor(360 * next())];
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="hsl(${c} 70% ${20 + 60 * next()}%)"/>`;
  });
  const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="224" height="168">${shapes.join("")}</svg>`);
  const soft = await patches.resize(224, 168, { fit: "fill", kernel: "cubic" }).png().toBuffer();
  await sharp(soft)
    .composite([{ input: svg }])
    .jpeg({ quality: 92 })
    .toFile(path);
}

const scenes = at("scenes");
await mkdir(scenes);
const originals = Array.from({ length: 40 }, (_, i) => {
  const name = String(i).padStart(5, "0");
  return { name, path: join(scenes, `${name}-original.jpg`) };
});
for (const [seed, original] of originals.entries()) {
  await writeScene(original.path, seed);
  await writeCopies(original, scenes, KINDS, seed);
}
const upright = KINDS.filter((kind) => kind !== "rotated" && kind !== "mirrored");

for (const [title, kinds, rotations, mirrors] of [
  ["copies that are resized, compressed, cropped, brighter, darker", upright, false, false],
  ["and turned or mirrored, with the options", KINDS, true, true],
] as const) {
  test(`${title}: precision and recall of 0.97 and more`, async () => {
    const of = (name: string) => kinds.some((kind) => name.includes(kind)) || name.includes("original");
    const paths = (await readdir(scenes)).filter(of).map((name) => join(scenes, name));
    const options = { turns: turnsOf(rotations, mirrors), limits: limitsOf(), onProgress: () => {} };
    const { groups, pictures } = await findDuplicates(paths, options);
    assert.equal(pictures, originals.length * (kinds.length + 1));
    const { precision, recall, missed } = agreement(paths, groups, (path) => basename(path).slice(0, 5));
    assert.ok(precision >= 0.97 && recall >= 0.97, JSON.stringify({ precision, recall, missed }));
  });
}

test("turned and mirrored ones are no copies without the options", async () => {
  const paths = ["original", "rotated", "mirrored"].map((kind) => join(scenes, `00003-${kind}.jpg`));
  for (const [flags, count] of [
    [[], 0],
    [["--rotations"], 2],
    [["--mirrors"], 2],
    [["--rotations", "--mirrors"], 3],
  ] as const) {
    const { code, stdout, stderr } = await dedupe(...paths, ...flags, "--json");
    assert.equal(code, 0, stderr);
    assert.equal((jsonLines(stdout) as Group[]).flatMap(({ pictures }) => pictures).length, count, flags.join());
  }
});

test("the same large shapes with other small ones are another picture, one with a date in the corner is a copy", async () => {
  const dir = at("shapes");
  await mkdir(dir);
  const next = random(11);
  const lines = () => {
    const place = () => `${224 * next()} ${168 * next()}`;
    const path = Array.from({ length: 4 }, () => `M${place()}L${place()}`).join("");
    return `<path d="${path}" stroke="#000" stroke-opacity="0.15" stroke-width="5"/>`;
  };
  const first = lines();
  const picture = async (name: string, small: string) => {
    const large = '<rect width="224" height="168" fill="#246"/><path d="M60 0H224V168H130Z" fill="#8bd"/>';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="224" height="168">${large}${small}</svg>`;
    await sharp(Buffer.from(svg))
      .jpeg({ quality: 85 })
      .toFile(join(dir, `${name}.jpg`));
  };
  await picture("plain", first);
  await picture("dated", `${first}<text x="150" y="160" font-size="12" fill="#ffc">2019-07-14</text>`);
  await picture("other", lines());
  await picture("another", lines());
  const groupsOf = async (...flags: string[]) => {
    const { code, stdout, stderr } = await dedupe(dir, "--json", ...flags);
    assert.equal(code, 0, stderr);
    return (jsonLines(stdout) as Group[]).map(({ pictures }) => pictures.map(({ path }) => basename(path)).sort());
  };
  assert.deepEqual(await groupsOf(), [["dated.jpg", "plain.jpg"]]);
  assert.equal((await groupsOf("--min", "0.7"))[0].length, 4, "a lower limit lets more differ");
});

async function collection(name: string): Promise<string> {
  const dir = at(name);
  await mkdir(join(dir, "more"), { recursive: true });
  const [one, two] = originals.map(({ path }) => path);
  await sharp(one).resize(120).jpeg().toFile(join(dir, "a-small.jpg"));
  await copyFile(one, join(dir, "b-large.jpg"));
  await copyFile(one, join(dir, "more", "b-large.jpg"));
  // Same pixels as the large one, EXIF beside them; stored on its side, which EXIF says.
  const turned = sharp(await sharp(one).rotate(270).toBuffer());
  await turned
    .withExif({ IFD0: { Model: "A camera", Artist: "x".repeat(300) } })
    .withMetadata({ orientation: 6, exif: { IFD0: { Model: "A camera", Artist: "x".repeat(300) } } })
    .jpeg({ quality: 60 })
    .toFile(join(dir, "c-exif.jpg"));
  await copyFile(two, join(dir, "other.jpg"));
  return dir;
}

test("what is kept: resolution, then EXIF, then bytes; --html shows it; nothing is moved", async () => {
  const dir = await collection("kept");
  const before = await readdir(dir, { recursive: true });
  const file = at("copies.html");
  const { code, stdout, stderr } = await dedupe(dir, "--json", "--html", file);
  assert.equal(code, 0, stderr);
  const [group, ...rest] = jsonLines(stdout) as Group[];
  assert.equal(rest.length, 0);
  assert.deepEqual(
    [group.kind, basename(group.keep), group.pictures[0].exif, group.pictures.length],
    ["near", "c-exif.jpg", true, 4],
  );
  assert.match(stderr, /5 pictures, 1 group with 3 copies/);
  assert.match(stderr, /nothing was moved; --apply/);
  assert.deepEqual(await readdir(dir, { recursive: true }), before);
  const page = await readFile(file, "utf8");
  assert.equal(page.match(/<img src="data:image\/webp/g)?.length, 4);
  const exact = await dedupe(dir, "--exact");
  assert.equal(exact.stdout, `${join(dir, "b-large.jpg")}\n  1.0000  ${join(dir, "more", "b-large.jpg")}\n`);
});

test("--apply moves to the trash folder, --undo brings everything back", async () => {
  const dir = await collection("applied");
  // Inside the folder that is searched: what is in it is not looked at again.
  const trash = join(dir, "trash");
  const applied = await dedupe(dir, "--apply", "--trash", trash);
  assert.equal(applied.code, 0, applied.stderr);
  assert.deepEqual((await readdir(dir)).sort(), ["c-exif.jpg", "more", "other.jpg", "trash"]);
  assert.deepEqual((await readdir(trash)).sort(), ["1-b-large.jpg", "a-small.jpg", "b-large.jpg", "undo.jsonl"]);
  const again = await dedupe(dir, "--trash", trash);
  assert.match(again.stderr, /2 pictures, 0 groups/);

  // A file at the old place is not written over.
  await writeFile(join(dir, "a-small.jpg"), "somebody else's");
  const half = await dedupe("--undo", "--trash", trash);
  assert.equal(half.code, 1);
  assert.match(half.stderr, /a-small\.jpg: not brought back, as there is another file at/);
  assert.equal(await readFile(join(dir, "a-small.jpg"), "utf8"), "somebody else's");
  await rm(join(dir, "a-small.jpg"));
  const whole = await dedupe("--undo", "--trash", trash);
  assert.deepEqual([whole.code, whole.stdout], [0, `1 files brought back from ${trash}\n`]);
  assert.ok((await stat(join(dir, "a-small.jpg"))).size > 0);
  assert.deepEqual(await readdir(trash), []);
  assert.deepEqual(await readFile(join(dir, "more", "b-large.jpg")), await readFile(originals[0].path));
});

test("pictures that cannot be read, and wrong usage", async () => {
  const dir = at("bad");
  await mkdir(dir);
  await copyFile(originals[0].path, join(dir, "good.jpg"));
  await writeFile(join(dir, "text.jpg"), "no picture");
  const bad = await dedupe(dir);
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /error: .*text\.jpg: cannot be decoded/);
  assert.match(bad.stderr, /1 pictures, 0 groups/);
  for (const [args, message] of [
    [[], /dedupe: no pictures, expected files, folders or globs/],
    [["-"], /dedupe: -, expected files, folders or globs of this machine/],
    [["https://example.org/a.jpg"], /dedupe: https:.*, expected files, folders/],
    [[dir, "--min", "0.1"], /--min: 0\.1, expected 0\.5 to 1/],
    [["--undo", "--apply"], /--undo: --apply too/],
  ] as const) {
    const { code, stderr } = await dedupe(...args);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
  const none = await dedupe("--undo", "--trash", at("nowhere"));
  assert.equal(none.code, 1);
  assert.match(none.stderr, /undo\.jsonl: no such file, expected the trash folder/);
});

test("links to a picture are no copies of it, and a picture named twice neither", async () => {
  const dir = at("links");
  const real = join(dir, "real");
  await mkdir(real, { recursive: true });
  const file = join(real, "z.jpg");
  await copyFile(originals[0].path, file);
  await symlink("real", join(dir, "latest"));
  await symlink("z.jpg", join(real, "a.jpg"));
  await link(file, join(real, "b.jpg"));
  const { code, stderr } = await dedupe(dir, file, join(dir, "latest", "*.jpg"), "--apply", "--trash", at("unused"));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /names are links to another picture, and left out\n1 pictures, 0 groups/);
  assert.deepEqual((await readdir(real)).sort(), ["a.jpg", "b.jpg", "z.jpg"]);
  // Another file of the same bytes is a copy, and a link to a file elsewhere moves as a link.
  await copyFile(file, join(dir, "copy.jpg"));
  await symlink("../scenes/00000-original.jpg", join(dir, "outside.jpg"));
  const trash = join(dir, "trash");
  assert.equal((await dedupe(dir, "--apply", "--trash", trash)).code, 0);
  assert.deepEqual((await readdir(dir)).sort(), ["copy.jpg", "latest", "real", "trash"]);
  assert.ok((await lstat(join(trash, "outside.jpg"))).isSymbolicLink());
  const undone = await dedupe("--undo", "--trash", trash);
  assert.equal(undone.code, 0, undone.stderr);
  assert.equal(await readlink(join(dir, "outside.jpg")), "../scenes/00000-original.jpg");
});

test("--apply leaves a picture that is like a moved one, and not like the kept one", async () => {
  const dir = at("chain");
  await mkdir(dir);
  const whole = originals[1].path;
  await copyFile(whole, join(dir, "whole.jpg"));
  const crop = (left: number) => sharp(whole).extract({ left, top: 0, width: 200, height: 168 });
  await crop(0).resize(600).jpeg().toFile(join(dir, "left.jpg"));
  await crop(24).jpeg().toFile(join(dir, "right.jpg"));
  const args = [dir, "--apply", "--trash", join(dir, "trash")];
  const { stdout, stderr } = await dedupe(...args, "--json");
  const [{ pictures }] = jsonLines(stdout) as Group[];
  assert.deepEqual(
    pictures.map(({ path, similarity }) => [basename(path), similarity > 0]),
    [
      ["left.jpg", true],
      ["whole.jpg", true],
      ["right.jpg", false],
    ],
  );
  assert.match(stderr, /1 files moved to .*\n1 stays: like another one of their group, and not like the kept one/);
  assert.deepEqual((await readdir(dir)).sort(), ["left.jpg", "right.jpg", "trash"]);
  assert.match((await dedupe(...args)).stderr, /2 pictures, 0 groups/);
});

test("--undo copes with a moved trash folder, a cut line, a file that is already back, and one that cannot be", async () => {
  const dir = await collection("undone");
  const applied = await dedupe(dir, "--exact", "--apply", "--trash", at("trash-before"));
  assert.equal(applied.code, 0, applied.stderr);
  const trash = at("trash-after");
  await rename(at("trash-before"), trash);
  await appendFile(join(trash, "undo.jsonl"), '{"from":"/cut');
  await writeFile(join(dir, "d.jpg"), await readFile(join(dir, "b-large.jpg")));
  assert.equal((await dedupe(dir, "--exact", "--apply", "--trash", trash)).code, 0);
  // As after a crash between copying and deleting.
  await copyFile(join(trash, "d.jpg"), join(dir, "d.jpg"));
  const undone = await dedupe("--undo", "--trash", trash);
  assert.equal(undone.code, 1);
  assert.match(undone.stderr, /undo\.jsonl, line 2: not brought back, as it is no line that --apply wrote/);
  assert.match(undone.stdout, /^1 files brought back/);
  assert.deepEqual(await readdir(trash), ["undo.jsonl"]);
  assert.ok((await stat(join(dir, "more", "b-large.jpg"))).size > 0);
});

test("two prints on one shirt of a strong colour are two pictures", async () => {
  const dir = at("shirts");
  await mkdir(dir);
  for (const colour of ["#f00", "#ff0", "#c44"]) {
    for (const [name, print] of [
      ["star", "M400 300l30 80h80l-65 50 25 80-70-48-70 48 25-80-65-50h80z"],
      ["disc", "M325 400a75 75 0 1 1 150 0a75 75 0 1 1-150 0"],
    ]) {
      const shirt = "M200 200L320 120H480L600 200L560 300L520 280V680H280V280L240 300Z";
      const paths = `<path d="${shirt}" fill="${colour}"/><path d="${print}" fill="#fff"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="800"><rect width="800" height="800" fill="#fff"/>${paths}</svg>`;
      await sharp(Buffer.from(svg))
        .jpeg({ quality: 90 })
        .toFile(join(dir, `${colour.slice(1)}-${name}.jpg`));
    }
  }
  for (const colour of ["f00", "ff0", "c44"]) {
    const { stdout, stderr } = await dedupe(join(dir, `${colour}-*.jpg`));
    assert.equal(stdout, "no copies\n", stderr);
  }
});

test("BMP is read, drawing programs are not, and an animation is a copy only of the same bytes", async () => {
  const dir = at("formats");
  await mkdir(dir);
  const size = { width: 64, height: 48 };
  const frame = (i: number) => sharp(originals[i].path).resize({ ...size, fit: "fill" });
  const [one, two, three] = await Promise.all([2, 3, 4].map((i) => frame(i).raw().toBuffer()));
  const animation = (frames: Buffer[], name: string) =>
    sharp(Buffer.concat(frames), { raw: { width: 64, height: 96, channels: 3, pageHeight: 48 } })
      .gif()
      .toFile(join(dir, name));
  await animation([one, two], "first.gif");
  await animation([one, three], "second.gif");
  await copyFile(join(dir, "first.gif"), join(dir, "again.gif"));
  await frame(2).png().toFile(join(dir, "still.png"));
  // Rows from the top, in the order blue, green, red.
  const header = Buffer.alloc(54);
  header.write("BM");
  for (const [at, value] of [
    [10, 54],
    [14, 40],
    [18, 64],
    [22, -48],
    [26, 1 + 24 * 65536],
  ])
    header.writeInt32LE(value, at);
  for (let i = 0; i < one.length; i += 3) [one[i], one[i + 2]] = [one[i + 2], one[i]];
  await writeFile(join(dir, "still.bmp"), Buffer.concat([header, one]));
  await writeFile(join(dir, "drawing.jpg"), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  const { stdout, stderr } = await dedupe(dir, "--json");
  const names = (jsonLines(stdout) as Group[]).map(({ kind, pictures }) => [
    kind,
    ...pictures.map(({ path }) => basename(path)),
  ]);
  assert.deepEqual(names.sort(), [
    ["exact", "again.gif", "first.gif"],
    ["near", "still.bmp", "still.png"],
  ]);
  assert.match(stderr, /drawing\.jpg: cannot be decoded \(unknown format\)/);
});
