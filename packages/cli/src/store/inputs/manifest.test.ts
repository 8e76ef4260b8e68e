import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "mobilenets";
import { braces } from "./gather.ts";
import { isManifest, readList, readManifest } from "./manifest.ts";

test("lines of JSON: paths beside the list, addresses as they are, ids of their own", () => {
  const text = `\ufeff{"path": "a.jpg"}\n\n{"url": "https://example.com/b.jpg", "id": 7}\n"/c/d.png"\n{"image": "x/e.jpg", "id": "e"}`;
  assert.deepEqual(readManifest(text, "lists/all.jsonl", "lists"), [
    { id: "a.jpg", path: "lists/a.jpg" },
    { id: "7", path: "https://example.com/b.jpg" },
    { id: "/c/d.png", path: "/c/d.png" },
    { id: "e", path: "lists/x/e.jpg" },
  ]);
});

test("tables with names of columns, and without", () => {
  const text = 'id,label,url\n1,cat,"s3://bucket/a, b.jpg"\n,dog,c.jpg\n';
  assert.deepEqual(readManifest(text, "all.csv", "."), [
    { id: "1", path: "s3://bucket/a, b.jpg" },
    { id: "c.jpg", path: "c.jpg" },
  ]);
  assert.deepEqual(readManifest("a.jpg,cat\nb.jpg,dog\n", "all.csv", "in"), [
    { id: "a.jpg", path: "in/a.jpg" },
    { id: "b.jpg", path: "in/b.jpg" },
  ]);
  assert.deepEqual(readManifest("path\tid\na.jpg\t9\n", "all.tsv", "."), [{ id: "9", path: "a.jpg" }]);
  // As training takes them: other delimiters, other words.
  assert.deepEqual(readManifest("label;img_path\r\ncat;a.jpg\r\n", "all.csv", "."), [{ id: "a.jpg", path: "a.jpg" }]);
});

test("standard input: a path a line, or an object", () => {
  assert.deepEqual(readList('a b.jpg\r\n{"path": "c.jpg", "id": "c"}\n', "-", "."), [
    { id: "a b.jpg", path: "a b.jpg" },
    { id: "c", path: "c.jpg" },
  ]);
});

test("a malformed line is named", () => {
  for (const [text, name, message] of [
    ['{"path": "a"}\n{"path": 3}', "l.jsonl", /^l\.jsonl, line 2: no path, expected {"path": "a\.jpg"}/],
    ["nonsense", "l.jsonl", /line 1: not JSON/],
    ['{"path": "a", "id": {}}', "l.jsonl", /line 1: id {}/],
    ["path,id\na.jpg,1\n,2\n", "l.csv", /^l\.csv, line 3: no path, expected a column path or url/],
    ['"a.jpg\n', "l.csv", /^l\.csv: not CSV/],
  ] as const) {
    assert.throws(
      () => readManifest(text, name, "."),
      (error) => error instanceof OptionError && message.test(error.message),
      text,
    );
  }
});

test("names of manifests; rows of archives", () => {
  assert.ok(isManifest("A.JSONL") && isManifest("x.tsv") && !isManifest("x.json") && !isManifest("csv"));
  assert.deepEqual(braces("s-{08..10}.tar"), ["s-08.tar", "s-09.tar", "s-10.tar"]);
  assert.deepEqual(braces("{0..1}{0..1}"), ["00", "01", "10", "11"]);
  assert.deepEqual(braces("{a,b}.jpg"), ["{a,b}.jpg"]);
  assert.throws(() => braces("{5..1}"), OptionError);
});
