import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cosine, load, type Model, type Picture, type Preprocessing, tensor, toPicture } from "mobilenets";
import { fittingOf } from "../../packages/mobilenets/src/image/fitting.ts";
import { preprocess } from "../../packages/mobilenets/src/image/preprocess.ts";
import { widenFloat16 } from "../../packages/mobilenets/src/weights/containers/half.ts";

// What Python's pipelines make of photographs (test/golden/make/pipelines.py), from equal decoded pixels. The photographs
// lie beside the clone: where they are absent, nothing is compared.
const folder = new URL("../../../shared/fixtures/images/", import.meta.url);
const skip = existsSync(folder) ? false : "the photographs lie beside the clone, and are not there";

interface Result {
  /** Of bytes. */
  readonly sha256?: string;
  /** Every `step`-th number. */
  readonly values?: readonly number[];
  /** float16, base64. */
  readonly features?: string;
}
interface Golden {
  readonly step: number;
  readonly decoded: Readonly<Record<string, string>>;
  readonly pipelines: Readonly<Record<string, Readonly<Record<string, Result>>>>;
}
const golden: Golden = JSON.parse(readFileSync(new URL("../golden/pipelines.json", import.meta.url), "utf8"));

const pipelines: Readonly<Record<string, Partial<Preprocessing>>> = {
  "keras nearest": { crop: "squash", resize: "pillow-nearest" },
  "keras bilinear": { crop: "squash", resize: "pillow-bilinear" },
  "keras bicubic": { crop: "squash", resize: "pillow-bicubic" },
  "keras keep_aspect_ratio": { crop: "aspect", resize: "pillow-bilinear" },
  "tf.image": { crop: "squash", resize: "tensorflow-bilinear" },
  "tf.image, decoded by TensorFlow": { crop: "squash", resize: "tensorflow-bilinear" },
  "tf.image antialias": { crop: "squash", resize: "tensorflow-bilinear-antialias" },
  "tf.image bicubic": { crop: "squash", resize: "tensorflow-bicubic" },
  "tf.image bicubic antialias": { crop: "squash", resize: "tensorflow-bicubic-antialias" },
  "tf.image nearest": { crop: "squash", resize: "tensorflow-nearest" },
  "tf.image area": { crop: "squash", resize: "tensorflow-area" },
  "torchvision 256": { crop: "center", cropFraction: 0.875, resize: "pillow-bilinear" },
  "torchvision 232": { crop: "center", cropFraction: 224 / 232, resize: "pillow-bilinear" },
  "torchvision 256 tensor": { crop: "center", cropFraction: 0.875, resize: "torch-bilinear" },
  "torchvision 232 tensor": { crop: "center", cropFraction: 224 / 232, resize: "torch-bilinear" },
  "torchvision 256 tensor bicubic": { crop: "center", cropFraction: 0.875, resize: "torch-bicubic" },
  "timm 0.875": { crop: "center", cropFraction: 0.875, resize: "pillow-bicubic" },
  "timm 0.9": { crop: "center", cropFraction: 0.9, resize: "pillow-bicubic" },
  "timm 0.95": { crop: "center", cropFraction: 0.95, resize: "pillow-bicubic" },
  "timm 1.0": { crop: "center", cropFraction: 1, resize: "pillow-bicubic" },
  "timm 0.875 bilinear": { crop: "center", cropFraction: 0.875, resize: "pillow-bilinear" },
  "timm 0.9 of 192x256": { crop: "center", cropFraction: 0.9, resize: "pillow-bicubic", height: 192, width: 256 },
};

let model: Model;
const pictures = new Map<string, Picture>();
before(async () => {
  if (skip) return;
  model = await load("efficientnet_lite0", { includeTop: false, pooling: "avg" });
  for (const name of Object.keys(golden.decoded)) {
    pictures.set(name, await toPicture(fileURLToPath(new URL(name, folder))));
  }
});
after(() => model?.dispose());

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

test("the golden file and this test have the same pipelines", () => {
  assert.deepEqual(Object.keys(pipelines).sort(), Object.keys(golden.pipelines).sort());
});

test("sharp decodes the photographs to Pillow's pixels", { skip }, () => {
  for (const [name, hash] of Object.entries(golden.decoded)) {
    assert.equal(sha256(pictures.get(name)!.data as Uint8Array), hash, name);
  }
});

for (const [title, change] of Object.entries(pipelines)) {
  test(`${title}: the numbers of Python`, { skip }, async (t) => {
    const plain = { height: 224, width: 224, channels: 3, cropFraction: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const preprocessing = { crop: "squash" as const, ...plain, ...change };
    const fitting = await fittingOf(preprocessing);
    for (const [name, expected] of Object.entries(golden.pipelines[title])) {
      const got = new Float32Array(preprocessing.height * preprocessing.width * 3);
      preprocess(pictures.get(name)!, preprocessing, got, 0, fitting);
      if (expected.sha256) {
        assert.equal(sha256(Uint8Array.from(got)), expected.sha256, `${name}: not Pillow's bytes`);
        continue;
      }
      const apart = expected.values!.map((value, i) => Math.abs(value - got[i * golden.step]));
      const worst = Math.max(...apart);
      const same = expected.features ? cosine(await featuresOf(got), float16(expected.features)) : 1;
      t.diagnostic(`${name}: ${worst.toFixed(4)} of 255${expected.features ? `, cosine ${same.toFixed(7)}` : ""}`);
      // Another decoder's pixels are others: that is printed, and held against a loose bound.
      const decoder = title.endsWith("decoded by TensorFlow");
      // Bytes of a tensor may round the other way; TensorFlow's float32 differs by its own rounding only.
      assert.ok(worst <= (decoder ? 32 : title.startsWith("torch") ? 1 : 0.01), `${name}: ${worst} apart`);
      assert.ok(same >= (decoder ? 0.98 : 0.9999), `${name}: cosine ${same}`);
    }
  });
}

/** The golden features are those of the packaged weights: (x - 127) / 128. */
async function featuresOf(pixels: Float32Array): Promise<Float32Array> {
  const input = tensor(
    [1, ...model.inputShape],
    pixels.map((x) => (x - 127) / 128),
  );
  return (await model.predict(input)).data;
}

/** Little-endian float16 as base64. */
function float16(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return widenFloat16(Uint16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(2 * i)));
}
