import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "mobilenets";
import { writeModelFile } from "mobilenets/weights";
import { temporaryFolder } from "./folder.ts";
import { mobilenets } from "./run.ts";

const dir = await temporaryFolder();
const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 3, weights: "random", seed: 4 } as const;
const model = await load("mobilenet_v2", { ...options, labels: ["a", "b", "c"], engine: "reference" });
const source = join(dir, "in.safetensors");
await writeFile(source, writeModelFile(model));

async function convert(from: string, to: string, ...flags: string[]): Promise<Uint8Array> {
  const { code, stderr } = await mobilenets(["convert", from, to, ...flags]);
  assert.equal(code, 0, stderr);
  return readFile(to);
}

test("to ONNX with its batch norms and back: the same to the byte", async () => {
  const onnx = join(dir, "kept.onnx");
  const kept = await convert(source, onnx, "--keep-batch-norm");
  const folded = await convert(source, join(dir, "folded.onnx"));
  assert.ok(folded.length < kept.length);
  assert.deepEqual(await convert(onnx, join(dir, "out.safetensors")), await readFile(source));
});

test("--keep-batch-norm is refused where there is no choice", async () => {
  const { code, stderr } = await mobilenets(["convert", source, join(dir, "x.safetensors"), "--keep-batch-norm"]);
  assert.equal(code, 2);
  assert.match(stderr, /error: --keep-batch-norm: format safetensors, expected onnx/);
});
