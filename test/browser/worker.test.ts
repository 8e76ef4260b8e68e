// In Chromium: a model in a module worker, with the pictures and frames of a page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { shippedWeights } from "mobilenets/weights";
import { bundle, openPage } from "./harness.ts";

const read = (path: string) => readFile(new URL(path, import.meta.url));
const page = await openPage<typeof import("./worker.page.ts")>(new URL("./worker.page.ts", import.meta.url), {
  "/weights.safetensors": await readFile(fileURLToPath(shippedWeights["fashion-mnist"])),
  "/photo.jpg": await read("../../examples/photographs/cat.jpg"),
  "/model-thread.js": await bundle(new URL("../../packages/mobilenets/src/platform/model-thread.ts", import.meta.url)),
});
after(() => page.close());

test("pictures in all forms of a page give what they give without a worker", async () => {
  const { differences, stillMine, handedOver, labels } = await page.call("forms", "/weights.safetensors", "/photo.jpg");
  assert.equal(labels, 10);
  assert.equal(Object.keys(differences).length, 9);
  for (const [name, difference] of Object.entries(differences)) assert.ok(difference < 1e-5, `${name}: ${difference}`);
  assert.deepEqual(
    [stillMine, handedOver],
    [
      [true, true],
      [true, true],
    ],
  );
});

for (const withProcessor of [true, false]) {
  test(`a track's latest frame wins, ${withProcessor ? "with" : "without"} MediaStreamTrackProcessor`, async () => {
    const { seen, dropped, hadProcessor } = await page.call("camera", 4, withProcessor);
    assert.equal(seen, 4);
    assert.ok(dropped >= 3, `${dropped} dropped`);
    assert.ok(hadProcessor);
  });
}

test("errors come out of the worker, and of a worker that does not start", async () => {
  const { none, noScript, empty, ended } = await page.call("refusals", "/weights.safetensors");
  assert.match(none, /^ReadError http.*none.safetensors: HTTP status 404/);
  assert.match(
    noScript,
    /^EngineError worker: a thread that has ended: its script cannot be loaded.*worker-src 'self'/,
  );
  assert.match(empty, /^ImageError picture: .*Canvas.* cannot be drawn/);
  assert.match(ended, /^OptionError .*dispose/);
});
