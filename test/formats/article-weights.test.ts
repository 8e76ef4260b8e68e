import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { load } from "../../packages/mobilenets/src/load.ts";
import { settleFlavor, type Traces } from "../../packages/mobilenets/src/weights/keras/settle-flavor.ts";
import { writeKerasLegacy, writeKerasStore } from "../../packages/mobilenets/src/weights/keras/write.ts";
import { readKerasGolden } from "./keras-golden.ts";

// Files of weights alone: Keras' own V1 and V2 and the article's have the same shapes, and pad in other ways.
const folder = new URL("../golden/keras/", import.meta.url);
const { cases } = readKerasGolden(new URL("files.json", folder));

function fileOf(name: string, wanted: string): Uint8Array {
  const golden = cases.find((one) => one.name === name);
  assert.ok(golden);
  const packed = brotliDecompressSync(readFileSync(new URL(`${name}.br`, folder)));
  let at = 0;
  for (const [file, bytes] of golden.files) {
    if (file === wanted) return packed.subarray(at, at + bytes);
    at += bytes;
  }
  throw new Error(`${name} has no ${wanted}`);
}

async function flavorOf(bytes: Uint8Array, inputShape: readonly [number, number, number]) {
  const warned: string[] = [];
  const model = await load(bytes, { inputShape, warn: (note) => warned.push(note) });
  const { options } = model;
  assert.deepEqual(model.notes, warned);
  model.dispose();
  return { flavor: options?.flavor, notes: warned };
}

for (const file of ["model.weights.h5", "weights.h5"]) {
  test(`${file} of the article is told from one of Keras by the layers that pad`, async () => {
    const odd = [97, 131, 3] as const;
    assert.deepEqual(await flavorOf(fileOf("article-v1", file), odd), { flavor: "article", notes: [] });
    assert.deepEqual(await flavorOf(fileOf("article-v2", file), odd), { flavor: "article", notes: [] });
    assert.deepEqual(await flavorOf(fileOf("v1", file), odd), { flavor: "keras", notes: [] });
    assert.deepEqual(await flavorOf(fileOf("v2", file), odd), { flavor: "keras", notes: [] });
    // The article's V1 computes the same as Keras' at even sizes: nothing to ask.
    assert.deepEqual((await flavorOf(fileOf("article-v1", file), [96, 96, 3])).notes, []);
  });
}

test("our own files of weights keep the classifier's name, which tells", async () => {
  const model = await load("mobilenet_v2", { flavor: "article", alpha: 0.35, classes: 3, weights: "random" });
  for (const { bytes } of [await writeKerasStore(model), await writeKerasLegacy(model)]) {
    assert.deepEqual(await flavorOf(bytes, [96, 96, 3]), { flavor: "article", notes: [] });
  }
  model.dispose();
});

test("what nothing tells is assumed, and said", () => {
  const file = { tensors: {}, network: "mobilenet_v2", options: { flavor: "keras" } } as const;
  const settle = (traces: Traces) => settleFlavor(file, traces, ["keras", "article"]);
  const note = /flavor keras is assumed for mobilenet_v2.*article computes something else.*name the network/;
  assert.match(settle({ names: [] })?.note ?? "", note);
  // Keras up to 2.3 had the article's layers and names in a V2 of its own.
  assert.match(settle({ names: ["Logits"], pads: 5, keras: "2.3.1" })?.note ?? "", note);
  assert.deepEqual(settle({ names: ["Logits"], pads: 5, keras: "2.15.0" }), { flavor: "article" });
  assert.deepEqual(settle({ names: ["predictions"], pads: 4, keras: "2.4.3" }), { flavor: "keras" });
});
