import assert from "node:assert/strict";
import { test } from "node:test";
import { companionOf } from "./companion.ts";

test("a companion lies in the file's folder, or at the URL's", () => {
  assert.equal(companionOf("a/b/model.json", "shard1"), "a/b/shard1");
  assert.equal(companionOf("model.json", "config.json"), "config.json");
  assert.equal(companionOf("C:\\a\\model.json", "shard1"), "C:\\a\\shard1");
  assert.equal(companionOf("https://x.org/a/model.json?download=1", "shard1"), "https://x.org/a/shard1");
  assert.equal(companionOf("file:///a/b", "c"), "file:///a/c");
  for (const path of ["a.bin", "a/b.bin", "..a", "a..", "a b", "./a", "é.bin"]) {
    assert.equal(companionOf("m/model.json", path), `m/${path}`);
    assert.ok(companionOf("http://x.org:8080/m/model.json", path)?.startsWith("http://x.org:8080/m/"), path);
  }
});

/** Paths whose target only the hosts' parsers determine. */
const elsewhere = [
  "",
  ".",
  "..",
  "/a",
  "\\a",
  "//x.org/a",
  "\\\\x.org\\a",
  "/\\x.org/a",
  "../a",
  "a/../../b",
  "a\\..\\..\\b",
  "%2e%2E/a",
  ".%2e/a",
  "..%2fa",
  "a%5c..%5c..%5cb",
  "file:a",
  "file:///etc/passwd",
  "http://inside/admin",
  "HTTPS://inside/admin",
  "data:,x",
  " /etc/passwd",
  "\u0001/etc/passwd",
  "\t/etc/passwd",
  ".\t./.\t./x",
  ".\n./x",
  " http://inside/admin",
  "\u0000http://inside/admin",
  "ht\ttp://inside/admin",
  "a\u0000b",
  "/etc/passwd ",
];

for (const file of ["m/model.json", "model.json", "https://x.org/m/model.json", "file:///m/model.json"]) {
  test(`paths that lead out of the folder are refused: ${file}`, () => {
    for (const path of elsewhere) assert.equal(companionOf(file, path), undefined, JSON.stringify(path));
  });
}

test("a URL's companion has its scheme, host, port and user, and no query", () => {
  for (const path of ["//x.org:8080/m/a", "//u@x.org/m/a", "https://x.org/m/../n/a", "a?b", "a#b", "http:a"]) {
    assert.equal(companionOf("https://x.org/m/model.json", path), undefined, path);
  }
  assert.equal(companionOf("data:application/json,{}", "a"), undefined);
});
