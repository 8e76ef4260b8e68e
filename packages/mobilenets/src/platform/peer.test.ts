import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError, WeightsError } from "../errors.ts";
import { peerError, present } from "./peer.ts";

test("a package that is missing is named, with the command that installs it", async () => {
  const missing: string = "no-such-package-of-ours";
  const cause = await import(missing).catch((error: unknown) => error);
  const error = peerError(missing, "read such files", cause);
  assert.ok(error instanceof WeightsError);
  assert.equal(error.message, `${missing}: not installed: needed to read such files: npm install ${missing}`);
});

test("pages and bundles say in other words that a package is missing", () => {
  for (const words of [
    'Failed to resolve module specifier "flatbuffers". Relative references must start with either "/", "./", or "../".',
    'Could not resolve "flatbuffers" imported by "mobilenets". Is it installed?',
    "Cannot find module 'flatbuffers'",
  ]) {
    assert.match(peerError("flatbuffers", "read TFLite files", new TypeError(words)).message, /not installed/, words);
  }
});

test("a package that is there but does not load says why", () => {
  const error = peerError("x", "run x", new Error("wrong ABI\nand more"), EngineError);
  assert.ok(error instanceof EngineError);
  assert.match(error.message, /^x: cannot be loaded \(wrong ABI\): needed to/);
});

test("the empty module that a bundler puts in a package's place counts as missing", () => {
  assert.throws(
    () => present<{ Reader?: object }>({}, "Reader"),
    (cause) => /^protobufjs: not installed/.test(peerError("protobufjs", "read ONNX files", cause).message),
  );
  assert.throws(() => present<{ Reader?: object }>(undefined, "Reader"));
  const library = { Reader: class {} };
  assert.equal(present(library, "Reader"), library);
});
