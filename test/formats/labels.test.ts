import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { zipSync } from "fflate";
import { load } from "../../packages/mobilenets/src/load.ts";

// Folders and archives as Teachable Machine exports them, and labels where people keep them. The models are goldens.
const golden = (path: string) => new Uint8Array(readFileSync(new URL(`../golden/${path}`, import.meta.url)));
const keras = new Uint8Array(brotliDecompressSync(golden("heads/norms.br")));
const text = (content: string) => new TextEncoder().encode(content);
const NUMBERED = "0 Cat\n1 Dog\n2 Nothing\n";
const names = ["Cat", "Dog", "Nothing"];

async function within(files: Readonly<Record<string, Uint8Array>>, use: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "mobilenets-labels-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const labelsOf = async (path: string) => {
  const model = await load(path, { warn: () => {} });
  model.dispose();
  return model.labels;
};

test("labels.txt beside a model, numbered or not", () =>
  within(
    {
      "a/model.keras": keras,
      "a/labels.txt": text(NUMBERED),
      "b/m.keras": keras,
      "b/labels.txt": text("x y\r\nz\nw\n"),
    },
    async (folder) => {
      assert.deepEqual(await labelsOf(join(folder, "a/model.keras")), names);
      assert.deepEqual(await labelsOf(join(folder, "b/m.keras")), ["x y", "z", "w"]);
    },
  ));

test("a folder with a model, by its path alone", () =>
  within(
    { "tm/keras_model.h5": new Uint8Array(3), "tm/model.keras": keras, "tm/labels.txt": text(NUMBERED) },
    async (folder) => {
      assert.deepEqual(await labelsOf(join(folder, "tm")), names);
      assert.deepEqual(await labelsOf(`${join(folder, "tm")}/`), names);
    },
  ));

test("Teachable Machine's metadata.json beside any model", () =>
  within(
    { "model.keras": keras, "metadata.json": text(JSON.stringify({ tmVersion: "2", labels: names })) },
    async (folder) => {
      assert.deepEqual(await labelsOf(join(folder, "model.keras")), names);
    },
  ));

test("another number of names is not the model's", () =>
  within({ "model.keras": keras, "labels.txt": text("a\nb\n") }, async (folder) => {
    assert.deepEqual(await labelsOf(join(folder, "model.keras")), []);
  }));

test("a zip archive of a model and its labels", () =>
  within(
    {
      "flat.zip": zipSync({ "labels.txt": text(NUMBERED), "model.keras": keras }),
      "deep.zip": zipSync({ "converted/model.keras": keras, "converted/labels.txt": text(NUMBERED) }),
      "none.zip": zipSync({ "readme.md": text("x") }),
      "two.zip": zipSync({ "a.keras": keras, "b.keras": keras }),
      "saved.zip": zipSync({ "m/saved_model.pb": text("x") }),
    },
    async (folder) => {
      assert.deepEqual(await labelsOf(join(folder, "flat.zip")), names);
      assert.deepEqual(await labelsOf(join(folder, "deep.zip")), names);
      await assert.rejects(labelsOf(join(folder, "none.zip")), /an archive of "readme\.md", expected one model/);
      await assert.rejects(labelsOf(join(folder, "two.zip")), /several models \(a\.keras, b\.keras\)/);
      await assert.rejects(labelsOf(join(folder, "saved.zip")), /a SavedModel of TensorFlow's/);
    },
  ));

test("Teachable Machine's own export, packed as people pack it", () => {
  const golden = (name: string) =>
    new Uint8Array(readFileSync(new URL(`../golden/teachable-machine/${name}`, import.meta.url)));
  const model = { "model.json": golden("model.json"), "weights.bin": golden("weights.bin") };
  const metadata = golden("metadata.json");
  const { labels }: { labels: string[] } = JSON.parse(new TextDecoder().decode(metadata));
  const more = text(
    JSON.stringify({ ...JSON.parse(new TextDecoder().decode(metadata)), labels: [...labels, "another"] }),
  );
  return within(
    {
      // A `.keras` file begins with its metadata.json too.
      "first.zip": zipSync({ "metadata.json": metadata, ...model }),
      "mac.zip": zipSync({
        "tm/metadata.json": metadata,
        "tm/model.json": model["model.json"],
        "tm/weights.bin": model["weights.bin"],
        "__MACOSX/tm/._model.json": text("x"),
      }),
      "more.zip": zipSync({ "metadata.json": more, ...model }),
    },
    async (folder) => {
      assert.deepEqual(await labelsOf(join(folder, "first.zip")), labels);
      assert.deepEqual(await labelsOf(join(folder, "mac.zip")), labels);
      assert.deepEqual(await labelsOf(join(folder, "more.zip")), []);
    },
  );
});

test("a SavedModel is named, with the command that converts it", () =>
  within(
    { "m/saved_model.pb": text("\x08\x01"), "m/variables/variables.index": text("x"), "empty/x.md": text("x") },
    async (folder) => {
      const message =
        /a SavedModel of TensorFlow's.*python -c 'import tensorflow as tf; .*from_saved_model\("[^"]*m"\)/;
      await assert.rejects(labelsOf(join(folder, "m")), message);
      await assert.rejects(labelsOf(join(folder, "m/saved_model.pb")), message);
      await assert.rejects(labelsOf(join(folder, "empty")), /a folder without a model, expected model\.json/);
    },
  ));

/** Bytes with a zip archive behind them whose offsets count from the first byte, as Python appends one. */
function withArchive(bytes: Uint8Array, archive: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length + archive.length);
  joined.set(bytes);
  joined.set(archive, bytes.length);
  const view = new DataView(joined.buffer);
  for (let at = bytes.length; at + 22 <= joined.length; at++) {
    const signature = view.getUint32(at, true);
    const field = signature === 0x02014b50 ? at + 42 : signature === 0x06054b50 ? at + 16 : undefined;
    if (field !== undefined) view.setUint32(field, view.getUint32(field, true) + bytes.length, true);
  }
  return joined;
}

test("labels that TensorFlow's metadata writer packed into a TFLite file", async () => {
  const tflite = golden("tflite/v1-float32.tflite");
  const { program } = await load(tflite, { warn: () => {} });
  const classes = program.graph.nodes.find(({ name }) => name === program.graph.outputs[0])?.shape[1] as number;
  const labels = Array.from({ length: classes }, (_, i) => `name ${i}`);
  const packed = withArchive(tflite, zipSync({ "labels.txt": text(labels.join("\n")) }, { level: 0 }));
  const model = await load(packed, { warn: () => {} });
  assert.deepEqual(model.labels, labels);
  model.dispose();
});
