import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { signedPreprocessing } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { writeTflite } from "../../packages/mobilenets/src/weights/tflite/write.ts";
import { patternOf } from "../cases/pattern.ts";
import { around, forTflite } from "../support/around.ts";
import { openPage } from "./harness.ts";

test("LiteRT computes the same with a file of layers around a network", async () => {
  const program = around(forTflite);
  const input = patternOf([18, 20, 3], "NHWC");
  const [{ data: expected }] = await (await reference.compile(program)).run(input);
  const { bytes } = await writeTflite({ program, preprocessing: signedPreprocessing(18, 20, 3), labels: [] });
  const folder = new URL("../peers/node_modules/@litertjs/core/wasm/", import.meta.url);
  const served = (await readdir(folder)).map(async (name) => [
    `/litert/${name}`,
    await readFile(new URL(name, folder)),
  ]);
  const page = await openPage<typeof import("./litert.page.ts")>(new URL("./litert.page.ts", import.meta.url), {
    "/around.tflite": bytes,
    ...Object.fromEntries(await Promise.all(served)),
  });
  const found = await page.call("answer", "/around.tflite", input.data, [...input.shape]);
  await page.close();
  assert.equal(found.length, expected.length);
  expected.forEach((y, i) => {
    assert.ok(Math.abs(found[i] - y) <= 1e-5, `${[...found]}, expected ${[...expected]}`);
  });
});
