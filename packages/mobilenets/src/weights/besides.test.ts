import assert from "node:assert/strict";
import { test } from "node:test";
import { besides, staysBeside } from "./besides.ts";

test("a companion lies in the file's folder, or at the URL's", () => {
  assert.equal(besides("a/b/model.json", "shard1"), "a/b/shard1");
  assert.equal(besides("model.json", "config.json"), "config.json");
  assert.equal(besides("C:\\a\\model.json", "shard1"), "C:\\a\\shard1");
  assert.equal(besides("https://x.org/a/model.json?download=1", "shard1"), "https://x.org/a/shard1");
  assert.equal(besides("file:///a/b", "c"), "file:///a/c");
});

test("paths that lead elsewhere are told", () => {
  for (const path of ["a.bin", "a/b.bin", "..a", "a..", "a b"]) assert.ok(staysBeside(path), path);
  for (const path of ["/a", "\\a", "../a", "a/../../b", "a\\..\\b", "..", "%2e%2E/a", ".%2e/a", "file:a", "C:\\a"]) {
    assert.ok(!staysBeside(path), path);
  }
});
