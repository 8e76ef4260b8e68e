import assert from "node:assert/strict";
import { test } from "node:test";
import { besides } from "./besides.ts";

test("a companion lies in the file's folder, or at the URL's", () => {
  assert.equal(besides("a/b/model.json", "shard1"), "a/b/shard1");
  assert.equal(besides("model.json", "config.json"), "config.json");
  assert.equal(besides("C:\\a\\model.json", "shard1"), "C:\\a\\shard1");
  assert.equal(besides("https://x.org/a/model.json?download=1", "shard1"), "https://x.org/a/shard1");
  assert.equal(besides("file:///a/b", "c"), "file:///a/c");
});
