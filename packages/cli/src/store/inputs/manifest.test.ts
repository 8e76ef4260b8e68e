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

test("a picture's place by the names that programs give it", () => {
  const place = (header: string, row: string) => readManifest(`${header}\n${row}\n`, "all.csv", ".");
  for (const [header, row] of [
    ["ID,title,link,image_link", "7,Chair,https://example.com/7.html,a.jpg"],
    ["id,url,imageUrl", "7,https://example.com/7.html,a.jpg"],
    ["image_id;id;img", "x;7;a.jpg"],
    ["id,path,url", "7,,a.jpg"],
    ["id,bild", "7,a.jpg"],
    ["id,product.main_image.src", "7,a.jpg"],
    ["id,File Name", "7,a.jpg"],
  ]) {
    assert.deepEqual(place(header, row), [{ id: "7", path: "a.jpg" }], header);
  }
  assert.deepEqual(place("7,a.jpg", "8,b.jpg"), [
    { id: "a.jpg", path: "a.jpg" },
    { id: "b.jpg", path: "b.jpg" },
  ]);
  assert.throws(() => place("sku,title", "7,Chair"), /all\.csv: none with names of pictures.*"sku", "title"/);
  const lines = '{"id": 0, "path": null, "image_url": "a.jpg"}\n{"id": null, "img": "b.jpg"}';
  assert.deepEqual(readManifest(lines, "all.jsonl", "in"), [
    { id: "0", path: "in/a.jpg" },
    { id: "b.jpg", path: "in/b.jpg" },
  ]);
});

test("places of lists: beside the list's own address, files as addresses, unknown kinds refused", () => {
  const of = (source: string, base: string) => readManifest(JSON.stringify(source), "l.jsonl", base)[0].path;
  assert.equal(of("a.jpg", "https://example.com/x/l.jsonl?key=1"), "https://example.com/x/a.jpg");
  assert.equal(of("b/c d#1.jpg", "s3://bucket/x/l.jsonl"), "s3://bucket/x/b/c d#1.jpg");
  assert.equal(of("file:///d/a%20b.jpg", "in"), "/d/a b.jpg");
  assert.throws(
    () => of("gs://bucket/a.jpg", "in"),
    /l\.jsonl, line 1: gs:.*expected a path, or an address with https/,
  );
  assert.throws(
    () => readManifest('{"id": 12345678901234567890, "path": "a.jpg"}', "l.jsonl", "."),
    /more digits than a number holds.*expected it in quotes/,
  );
});

test("standard input: zero bytes end the lines, and a mark of its encoding is no part of the first", () => {
  assert.deepEqual(
    readList("a\nb.jpg\0c.jpg\0", "-", ".").map(({ path }) => path),
    ["a\nb.jpg", "c.jpg"],
  );
  assert.deepEqual(readList("\ufeffa.jpg\n", "-", "."), [{ id: "a.jpg", path: "a.jpg" }]);
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
  assert.ok(
    isManifest("A.JSONL") &&
      isManifest("x.tsv") &&
      isManifest("x.csv.gz") &&
      isManifest("https://h/x.jsonl?k=1") &&
      !isManifest("x.json") &&
      !isManifest("csv"),
  );
  assert.deepEqual(braces("s-{08..10}.tar"), ["s-08.tar", "s-09.tar", "s-10.tar"]);
  assert.deepEqual(braces("{0..1}{0..1}"), ["00", "01", "10", "11"]);
  assert.deepEqual(braces("{a,b}.jpg"), ["{a,b}.jpg"]);
  assert.throws(() => braces("{5..1}"), OptionError);
});
