import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { npyHeader } from "../extract/npy.ts";
import { openFeatureFolder } from "./feature-folder.ts";

const dir = await mkdtemp(join(tmpdir(), "mobilenets-similar-"));
after(() => rm(dir, { recursive: true }));

const items = ["a.png", "b.png", "c.png"].map((path, row) => `${JSON.stringify({ path, row })}\n`);

async function write(lines: string, header = npyHeader(3, 2), numbers = 6): Promise<void> {
  await writeFile(join(dir, "features.npy"), Buffer.concat([header, Buffer.alloc(4 * numbers)]));
  await writeFile(join(dir, "items.jsonl"), lines);
}

const refuses = async (message: RegExp) => {
  await assert.rejects(openFeatureFolder(dir), (error: Error) => {
    assert.equal(error.name, "ReadError");
    assert.match(error.message, message);
    return true;
  });
};

test("names by row, without the pictures that failed", async () => {
  const failed = `${JSON.stringify({ path: "bad.png", error: { name: "ImageError", message: "bad.png: no picture" } })}\n`;
  // The last newline may be missing, as some editors leave it.
  await write([failed, items[0], items[1], failed, items[2].trimEnd()].join(""));
  const folder = await openFeatureFolder(dir);
  assert.deepEqual([folder.paths, folder.dim, folder.features.rows], [["a.png", "b.png", "c.png"], 2, 3]);
  assert.equal((await folder.features.read(1, 2)).data.length, 4);
  await folder.close();
});

test("lines that break off, are missing, or are something else", async () => {
  await write(items.slice(0, 2).join(""));
  await refuses(
    /3 rows in features\.npy, 2 in items\.jsonl, expected equally many: is `extract` running, or was it interrupted\?/,
  );
  await write(items.join("").slice(0, -4));
  await refuses(/items\.jsonl, line 3: "\{.*expected a JSON object with a path.*interrupted/);
  await write(items.join("").replace('"row":1', '"row":2'));
  await refuses(/items\.jsonl, line 2: row 2, expected row 1/);
  for (const line of ["", "[]", "null", '"a.png"', '{"row":0}', '{"path":7,"row":0}', "\x1b[2J", "x".repeat(1e6)]) {
    await write(`${line}\n${items.join("")}`);
    await refuses(/items\.jsonl, line 1: "\P{Cc}{0,100}", expected/u);
  }
});

test("a matrix that is none, or is cut short", async () => {
  await write(items.join(""), npyHeader(3, 2), 5);
  await refuses(/features\.npy: 20 bytes of numbers, expected 24/);
  const flat = npyHeader(3, 2).toString("latin1").replace("(3, 2)", "(6, ) ");
  await write(items.join(""), Buffer.from(flat, "latin1"));
  await refuses(/features\.npy: an array of shape \[6\], expected a vector for each picture/);
  await write(items.join(""), npyHeader(3, 0), 0);
  await refuses(/features\.npy: an array of shape \[3,0\]/);
  await writeFile(join(dir, "features.npy"), "years of work");
  await refuses(/features\.npy: no NumPy file/);
  assert.equal(await readFile(join(dir, "features.npy"), "utf8"), "years of work");
});

test("a name of control characters is spelt out", async () => {
  await assert.rejects(openFeatureFolder(join(dir, "no\x1b[2J")), {
    message: /no\\u001b\[2J\/features\.npy: no such/,
  });
});
