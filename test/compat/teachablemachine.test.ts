// What `@teachablemachine/image` 0.8.5 and ml5 1.4.0 say of pictures in Chromium (test/golden/make/teachable_machine.ts),
// and their READMEs, sample by sample.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { load } from "mobilenets";
import ml5, { imageClassifier } from "mobilenets/compat/ml5";
import * as tmImage from "mobilenets/compat/teachablemachine";
import { SIZES, waves } from "./pictures.ts";

const golden = fileURLToPath(new URL("../golden/teachable-machine/", import.meta.url));
const expected = JSON.parse(readFileSync(join(golden, "expected.json"), "utf8"));
const pictures = SIZES.map(([width, height]) => waves(width, height));
const [modelURL, metadataURL] = ["model.json", "metadata.json"].map((name) => join(golden, name));
const labels = ["Cat", "Dog", "Nothing"];

/** Where a canvas makes a picture larger, one sample in ten differs by one of 255. */
const CANVAS = 1e-3;

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "mobilenets-tm-"));
});
after(() => rm(folder, { recursive: true }));

function close(found: readonly number[], wanted: readonly number[], tolerance: number): void {
  assert.equal(found.length, wanted.length);
  const far = found.map((x, i) => Math.abs(x - wanted[i]));
  assert.ok(Math.max(...far) <= tolerance, `${found}, expected ${wanted}`);
}

const numbers = (predictions: readonly { probability: number }[]) => predictions.map(({ probability }) => probability);

test("Teachable Machine: the snippet of its export panel", async () => {
  const model = await tmImage.load(modelURL, metadataURL);
  assert.equal(model.getTotalClasses(), expected.image.total);
  assert.deepEqual(model.getClassLabels(), expected.image.labels);
  for (const [i, picture] of pictures.entries()) {
    const prediction = await model.predict(picture);
    assert.deepEqual(
      prediction.map(({ className }) => className),
      labels,
    );
    const tolerance = picture.width < 96 ? CANVAS : 1e-4;
    close(numbers(prediction), expected.image.results[i].plain, tolerance);
    close(numbers(await model.predict(picture, true)), expected.image.results[i].flipped, tolerance);
    const best = await model.predictTopK(picture, 2);
    assert.deepEqual(
      best.map(({ className }) => className),
      expected.image.results[i].best.map(({ className }: { className: string }) => className),
    );
    assert.equal((await model.predictTopK(picture)).length, 3);
  }
  assert.equal(model.getMetadata().modelName, "tm-my-image-model");
  assert.equal(tmImage.IMAGE_SIZE, tmImage.CustomMobileNet.EXPECTED_IMAGE_SIZE);
  model.dispose();
  await assert.rejects(model.predict(pictures[0]), /dispose/);
});

test("Teachable Machine: metadata beside the model, as an object, as files, in a zip archive, of another model", async () => {
  const [answer] = [expected.image.results[3].plain];
  const bytes = (name: string) => new Uint8Array(readFileSync(join(golden, name)));
  const file = (name: string) => new File([bytes(name)], name);
  const metadata = JSON.parse(readFileSync(metadataURL, "utf8"));
  const zip = join(folder, "tm.zip");
  const names = ["model.json", "weights.bin", "metadata.json"];
  await writeFile(zip, zipSync(Object.fromEntries(names.map((name) => [name, bytes(name)]))));
  const models = [
    await tmImage.load(modelURL),
    await tmImage.load(golden),
    await tmImage.load(modelURL, metadata),
    await tmImage.load(zip),
    await tmImage.loadFromFiles(
      file("model.json"),
      new File([bytes("weights.bin")], "weights (1).bin"),
      file("metadata.json"),
    ),
  ];
  for (const model of models) {
    assert.deepEqual(model.getClassLabels(), labels);
    close(numbers(await model.predict(pictures[3])), answer, 1e-4);
    model.dispose();
  }
  await assert.rejects(tmImage.load(modelURL, { labels: ["a", "b"] }), /2 labels, expected 3/);
  await assert.rejects(tmImage.load(modelURL, join(folder, "none.json")), /none.json/);
  await assert.rejects(tmImage.load(modelURL, join(golden, "weights.bin")), /no JSON object/);
  const model = await tmImage.load(modelURL);
  await assert.rejects(model.predictTopK(pictures[0], 0), /maxPredictions: 0, expected an integer >= 1/);
  await assert.rejects(model.predict("none.jpg"), /none.jpg/);
  model.dispose();
});

test("Teachable Machine: models of sounds and poses are refused by what they are; so are files in another order", async () => {
  const others = {
    poses: { packageName: "@teachablemachine/pose", packageVersion: "0.8.6", modelSettings: { posenet: {} }, labels },
    sounds: { tfjsSpeechCommandsVersion: "0.4.0", modelName: "TMv2", wordLabels: ["Background Noise", "Clap"] },
  };
  const model = readFileSync(modelURL);
  const weights = readFileSync(join(golden, "weights.bin"));
  for (const [kind, metadata] of Object.entries(others)) {
    const files = {
      "model.json": model,
      "weights.bin": weights,
      "metadata.json": Buffer.from(JSON.stringify(metadata)),
    };
    const zip = join(folder, `${kind}.zip`);
    await writeFile(zip, zipSync(files));
    const message = new RegExp(`a model of ${kind} that Teachable Machine has exported, expected one of images: @`);
    await assert.rejects(tmImage.load(zip), message);
    await assert.rejects(load(zip), message);
    await assert.rejects(ml5.imageClassifier(zip), message);
    const blobs = Object.entries(files).map(([name, bytes]) => new File([bytes], name));
    await assert.rejects(tmImage.loadFromFiles(blobs[0], blobs[1], blobs[2]), message);
  }
  const file = (name: string) => new File([readFileSync(join(golden, name))], name);
  const [json, bin, metadata] = ["model.json", "weights.bin", "metadata.json"].map(file);
  await assert.rejects(tmImage.loadFromFiles(bin, json, metadata), /model\.json: no JSON object/);
  await assert.rejects(tmImage.loadFromFiles(json, metadata, bin), /metadata\.json: no JSON object/);
  await assert.rejects(tmImage.loadFromFiles(json, metadata, metadata), /truncated/);
});

test("load() of the library crops and normalises Teachable Machine's exports as they were trained", async () => {
  const model = await load(modelURL);
  const { crop, cropFraction, mean, std } = model.preprocessing;
  assert.deepEqual(
    { crop, cropFraction, mean, std },
    { crop: "center", cropFraction: 1, mean: [127, 127, 127], std: [127, 127, 127] },
  );
  const answers = await model.classify([pictures[3]]);
  const inOrder = [...answers[0]].sort((a, b) => a.index - b.index);
  close(numbers(inOrder), expected.image.results[3].plain, 1e-4);
  model.dispose();
});

test("Teachable Machine: a grey model", async () => {
  const grey = join(folder, "grey");
  await cp(golden, grey, { recursive: true });
  const json = JSON.parse(await readFile(join(grey, "model.json"), "utf8"));
  const text = JSON.stringify(json).replace("[null,96,96,3]", "[null,96,96,1]");
  const manifest = JSON.parse(text);
  const kernel = manifest.weightsManifest[0].weights[0];
  assert.deepEqual([kernel.name, kernel.shape], ["Conv1/kernel", [3, 3, 3, 8]]);
  kernel.shape = [3, 3, 1, 8];
  const weights = await readFile(join(grey, "weights.bin"));
  // The first 3 x 3 x 8 numbers are the grey kernel.
  await writeFile(join(grey, "weights.bin"), Buffer.concat([weights.subarray(0, 4 * 72), weights.subarray(4 * 216)]));
  await writeFile(join(grey, "model.json"), JSON.stringify(manifest));
  const metadata = JSON.parse(await readFile(join(grey, "metadata.json"), "utf8"));
  await writeFile(join(grey, "metadata.json"), JSON.stringify({ ...metadata, grayscale: true }));
  const model = await tmImage.load(join(grey, "model.json"));
  const [{ data, width, height }] = [pictures[3]];
  const input = Float32Array.from({ length: width * height }, (_, i) => {
    const [r, g, b] = data.subarray(3 * i, 3 * i + 3);
    return (0.2989 * r + 0.587 * g + 0.114 * b) / 127 - 1;
  });
  const right = await model.model.predict({ data: input, shape: [1, 96, 96, 1] });
  close(numbers(await model.predict(pictures[3])), [...right.data], 1e-6);
  assert.deepEqual(model.model.preprocessing.mean, [127]);
  model.dispose();
});

/** ml5 gives every model 224 pixels a side. */
async function widened(): Promise<string> {
  const wide = join(folder, "wide");
  await cp(golden, wide, { recursive: true });
  const json = await readFile(modelURL, "utf8");
  await writeFile(join(wide, "model.json"), json.replace("[null,96,96,3]", "[null,224,224,3]"));
  return wide;
}

test("ml5: a model of Teachable Machine, with callbacks and promises, awaited or not", async () => {
  const wide = await widened();
  const awaited = await ml5.imageClassifier(`${wide}/model.json`);
  const atOnce = imageClassifier(wide);
  for (const classifier of [awaited, atOnce]) {
    for (const [i, picture] of pictures.entries()) {
      const results = await classifier.classify(picture);
      const wanted: typeof results = expected.ml5.results[i];
      assert.deepEqual(
        results.map(({ label }) => label),
        wanted.map(({ label }) => label),
      );
      close(
        results.map(({ confidence }) => confidence),
        wanted.map(({ confidence }) => confidence),
        1e-4,
      );
    }
  }
  let told = 0;
  const gotResult = (results?: unknown, error?: unknown) => {
    assert.equal(error, undefined);
    assert.equal((results as unknown[]).length, 2);
    told++;
  };
  const results = await atOnce.classify(pictures[0], 2, gotResult);
  assert.deepEqual([told, results.length], [1, 2]);
  await new Promise<void>((done) => {
    const classifier = imageClassifier(wide, (loaded) => {
      assert.ok(loaded);
      classifier.dispose();
      done();
    });
  });
  awaited.dispose();
  atOnce.dispose();
  await assert.rejects(awaited.classify(pictures[0]), /dispose/);
});

test("ml5: classifyStart goes on until classifyStop; the later of two runs counts", async () => {
  const classifier = await imageClassifier(await widened());
  const seen: number[] = [];
  await new Promise<void>((done) => {
    classifier.classifyStart(pictures[0], () => seen.push(1));
    classifier.classifyStart(pictures[1], (results) => {
      seen.push(2);
      assert.equal(results?.length, 3);
      if (seen.filter((run) => run === 2).length === 3) {
        classifier.classifyStop();
        done();
      }
    });
  });
  const { length } = seen;
  await new Promise((later) => setTimeout(later, 100));
  assert.equal(seen.length, length);
  assert.deepEqual(seen, [2, 2, 2]);
  const error = await new Promise((done) => {
    classifier.classifyStart("none.jpg", (_, fault) => done(fault));
  });
  assert.match(`${error}`, /none.jpg/);
  await assert.rejects(classifier.classifyStart("none.jpg"), /none.jpg/);
  classifier.dispose();
});

test("ml5: a p5 image, labels that ml5 wrote, no labels, and models that are not here", async () => {
  const wide = await widened();
  const json = JSON.parse(await readFile(join(wide, "model.json"), "utf8"));
  await rm(join(wide, "metadata.json"));
  const bare = await imageClassifier(join(wide, "model.json"));
  const [first] = await bare.classify({ elt: pictures[0] });
  assert.equal(typeof first.label, "number");
  assert.deepEqual(await bare.classify({ canvas: pictures[0] }), await bare.classify(pictures[0]));
  bare.dispose();
  await writeFile(
    join(wide, "model.json"),
    JSON.stringify({ ...json, ml5Specs: { mapStringToIndex: ["x", "y", "z"] } }),
  );
  const named = await imageClassifier(join(wide, "model.json"));
  assert.equal((await named.classify(pictures[0]))[0].label, "xyz"[first.label as number]);
  named.dispose();
  await assert.rejects(imageClassifier("DoodleNet"), /imageClassifier: the model "DoodleNet", expected MobileNet, or/);
  await assert.rejects(imageClassifier("none/model.json").classify(pictures[0]), /none/);
  const offline = { options: { fetch: { offline: true } } };
  await assert.rejects(imageClassifier("mobilenet", offline), /keras\/mobilenet_v2_1_224/);
  await assert.rejects(imageClassifier({ ...offline, version: 1, alpha: 0.25 }), /keras\/mobilenet_v1_0.25_224/);
  const message = await new Promise((done) => {
    imageClassifier("MobileNet", { ...offline }, (_, error) => done(error));
  });
  assert.match(`${message}`, /cannot be fetched/);
});
