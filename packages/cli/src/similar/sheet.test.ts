import assert from "node:assert/strict";
import { test } from "node:test";
import type { Similar } from "./search-folder.ts";
import { Interrupted } from "./search-progress.ts";
import { contactSheet, MOST_PICTURES, SheetRows } from "./sheet.ts";

const row = (path: string, count: number): Similar => ({
  path,
  similar: Array.from({ length: count }, (_, i) => ({ path: `other ${i}`, similarity: 1 - i / count })),
});

test("a page takes rows until one has no room, and none after that", () => {
  const sheet = new SheetRows();
  const each = MOST_PICTURES / 4 - 1;
  for (let i = 0; i < 3; i++) sheet.add(row(`${i}`, each));
  assert.equal(sheet.isFull, false);
  sheet.add(row("too many", each + 1));
  assert.equal(sheet.isFull, true);
  sheet.add(row("few", 1));
  assert.deepEqual(
    sheet.rows.map(({ path }) => path),
    ["0", "1", "2"],
  );
});

test("as many as there is room for are no cut", () => {
  const sheet = new SheetRows();
  for (let i = 0; i < 4; i++) sheet.add(row(`${i}`, MOST_PICTURES / 4 - 1));
  assert.deepEqual([sheet.rows.length, sheet.isFull], [4, false]);
});

test("a first row that is too long is cut", () => {
  const sheet = new SheetRows();
  sheet.add(row("long", MOST_PICTURES + 5));
  assert.deepEqual([sheet.rows.length, sheet.rows[0].similar.length, sheet.isFull], [1, MOST_PICTURES - 1, true]);
  sheet.add(row("next", 1));
  assert.equal(sheet.rows.length, 1);
});

test("no rows, no pictures, no time", async () => {
  const signal = new AbortController().signal;
  const empty = await contactSheet(new SheetRows(), "of none", signal);
  assert.match(empty.page, /There is none/);
  assert.deepEqual([empty.pictures, empty.missing], [0, 0]);
  const sheet = new SheetRows();
  sheet.add(row("/no/such.png", 1));
  const gone = await contactSheet(sheet, "of one", signal);
  assert.deepEqual([gone.pictures, gone.missing], [2, 2]);
  await assert.rejects(contactSheet(sheet, "of one", AbortSignal.abort()), Interrupted);
});
