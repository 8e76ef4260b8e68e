// Teachable Machine's Keras and TFLite archives, against what TensorFlow computes with them
// (test/golden/make/teachable_machine_exports.py), by path, address and file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load, type Picture, tensor } from "mobilenets";
import { imageClassifier } from "mobilenets/compat/ml5";
import * as tmImage from "mobilenets/compat/teachablemachine";
import { seededUniform } from "../oracles/seeded.ts";

const golden = new URL("../golden/teachable-machine/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, golden));
const path = (name: string) => fileURLToPath(new URL(name, golden));
const expected = JSON.parse(`${read("exports.json")}`);
const labels = ["Cat", "Dog", "Nothing"];
const [KERAS, TFLITE, QUANTISED] = ["keras", "tflite", "tflite_quantized"].map((name) => `converted_${name}.zip`);
/** Two steps of the output's 8 bits. */
const STEPS = 2 / 256;

const SIZE = 96;
const next = seededUniform("picture", 7);
const data = Uint8Array.from({ length: SIZE * SIZE * 3 }, () => Math.floor(next() * 256));
const picture: Picture = { data, width: SIZE, height: SIZE, channels: 3 };
const signed = tensor(
  [1, SIZE, SIZE, 3],
  Float32Array.from(data, (x) => x / 127.5 - 1),
);

const server = createServer((request, response) => {
  try {
    response.end(read((request.url ?? "").replace(/^\/models\/abc/, ".")));
  } catch {
    response.writeHead(404).end();
  }
});
let origin = "";
before(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function close(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  assert.equal(found.length, wanted.length);
  const worst = Math.max(...wanted.map((x, i) => Math.abs(x - found[i])));
  assert.ok(worst <= tolerance, `${Array.from(found)}, expected ${wanted}`);
}

const numbers = (predictions: readonly { probability: number }[]) => predictions.map(({ probability }) => probability);

for (const [archive, tolerance] of [
  [KERAS, 1e-4],
  [TFLITE, 1e-4],
  [QUANTISED, STEPS],
] as const) {
  const wanted = expected[archive];
  test(`${archive}: TensorFlow's numbers, labels, and pictures as its Python fits them`, async () => {
    const model = await load(path(archive), { warn: () => {} });
    assert.deepEqual(model.labels, labels);
    const { crop, cropFraction, resize, mean, std } = model.preprocessing;
    assert.deepEqual({ crop, cropFraction, resize }, { crop: "center", cropFraction: 1, resize: "pillow-lanczos" });
    // Those of a quantised file are the scale and the zero point of its input.
    close([...mean, ...std], Array(6).fill(127.5), archive === QUANTISED ? 0.5 : 0);
    close((await model.predict(signed)).data, wanted.signed ?? wanted.bytes, tolerance);
    const best = await model.classify(picture);
    close(numbers([...best].sort((a, b) => a.index - b.index)), wanted.signed ?? wanted.bytes, tolerance);
    model.dispose();
  });

  test(`${archive} for the drop-in: a path, an address, a file`, async () => {
    const sources = [path(archive), `${origin}/models/abc/${archive}`, new File([read(archive)], archive)];
    for (const source of sources) {
      const model = await tmImage.load(source);
      assert.deepEqual(model.getClassLabels(), labels);
      close(numbers(await model.predict(picture)), wanted.inPage ?? wanted.bytes, tolerance);
      model.dispose();
    }
  });
}

test("the address of a folder at Teachable Machine, and of one like it", async () => {
  const whole = await tmImage.load(path("model.json"));
  const wanted = numbers(await whole.predict(picture));
  whole.dispose();
  for (const source of [`${origin}/models/abc/`, `${origin}/models/abc/model.json`]) {
    const model = await tmImage.load(source);
    close(numbers(await model.predict(picture)), wanted, 1e-6);
    model.dispose();
    const classifier = imageClassifier(source);
    assert.deepEqual((await classifier.classify(picture)).map(({ label }) => label).sort(), labels);
    classifier.dispose();
  }
  await assert.rejects(tmImage.load(path("metadata.json")), /metadata\.json/);
});
