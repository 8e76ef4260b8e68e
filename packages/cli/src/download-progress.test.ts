import assert from "node:assert/strict";
import { test } from "node:test";
import { downloadLine, downloadProgress } from "./download-progress.ts";

const url = "http://host/folder/w.h5";

test("shows name, share, rate and time left", () => {
  const line = downloadLine({ url, received: 3e6, total: 12e6 }, 1e6, 2);
  assert.equal(line, "w.h5  3.0/12.0 MB  25%  1.0 MB/s  about 9s left");
});

test("leaves out what it cannot know", () => {
  assert.equal(downloadLine({ url, received: 3e6 }, 3e6, 0), "w.h5  3.0 MB");
});

test("redraws one line on a terminal and ends it when all is there", () => {
  const written: string[] = [];
  const show = downloadProgress({ isTTY: true, columns: 40, write: (text) => written.push(text) });
  show({ url, received: 0, total: 10 });
  show({ url, received: 10, total: 10 });
  assert.ok(written[0].startsWith("\r\x1b[Kw.h5"));
  assert.ok(written.at(-1)?.endsWith("\n"));
});
