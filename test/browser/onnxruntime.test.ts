import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { openPage } from "./harness.ts";

// Where its script, and so the bundle, looks for it.
const runtime = "ort-wasm-simd-threaded.wasm";
const dist = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
const entry = new URL("./onnxruntime.page.ts", import.meta.url);
const page = await openPage<typeof import("./onnxruntime.page.ts")>(entry, {
  [`/${runtime}`]: readFileSync(join(dist, runtime)),
});
after(() => page.close());

test("the engine onnxruntime computes in a page what our kernels do", async () => {
  const { theirs, ours } = await page.call("logits");
  assert.equal(ours.length, 20);
  const largest = Math.max(...ours.map(Math.abs));
  for (const [i, value] of ours.entries()) assert.ok(Math.abs(value - theirs[i]) <= 1e-4 * largest, `${i}`);
});

test("a provider that a page does not have is an EngineError", async () => {
  await assert.rejects(
    page.call("logits", ["cuda"]),
    /ONNX Runtime cannot prepare the model .*does this build of it have cuda\?/,
  );
});

test("a page without the package says what to install", async () => {
  const bare = await openPage<typeof import("./onnxruntime.page.ts")>(entry, {}, ["onnxruntime-web/*"]);
  try {
    await assert.rejects(
      bare.call("logits"),
      /onnxruntime-web: not installed: needed to run the engine onnxruntime: npm install onnxruntime-web/,
    );
  } finally {
    await bare.close();
  }
});
