import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { load, toPicture } from "mobilenets";
import { patternOf } from "./cases/pattern.ts";

// Files in the shapes that people have, each with the value of the tool that made it. They lie beside the clone, not in
// it: where they are absent, nothing is compared.
const folder = new URL("../../shared/fixtures/cases/", import.meta.url);
const absent = existsSync(folder) ? false : "the cases lie beside the clone, and are not there";

const json = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const path = (name: string) => new URL(name, folder).pathname;

interface Case {
  readonly file: string;
  /** The first outputs, as the file's own tool computes them. */
  expected(): readonly number[];
  readonly layout?: "NHWC" | "NCHW";
  readonly tolerance?: number;
  /** How the file is loaded. Default: as it is. */
  readonly options?: Parameters<typeof load>[1];
}

const keras = ["head_leaky_relu.keras", "resizing.keras", "spatialdropout.keras"];
const torch = [
  "imagenet_example_best_acc1.pth.tar",
  "torchvision_reference_args.pth",
  "lightning_model_prefix.ckpt",
  "head_linear.pth",
];
const cases: readonly Case[] = [
  ...torch.map((file) => ({
    file,
    expected: () => json("torch_truth.json").logits[file],
    layout: "NCHW" as const,
    options: { inputShape: [64, 64, 3] as const, classifierActivation: "linear" as const },
  })),
  ...keras.map((file) => ({ file, expected: () => json("keras_truth.json").first_output[file] })),
  {
    file: "flat_two_dense.weights.h5",
    expected: () => json("keras_truth.json").first_output["flat_two_dense.weights.h5"],
    // Weights alone do not say the size; what the head does between its layers is assumed, and said.
    options: { inputShape: [32, 32, 3], warn: () => {} },
  },
  // One step of the output's 8 or 16 bits, and what the layers' own rounding adds to it.
  { file: "int16x8.tflite", expected: () => json("int16x8.json").litert, tolerance: 2e-3 },
  // The weights are 8 bits in the file; the right value is that of the model before that.
  { file: "tfjs_v2_addn_u8/model.json", expected: () => json("tfjs_truth.json").v2, tolerance: 2e-2 },
];

async function outputOf({ file, layout = "NHWC", options }: Case): Promise<readonly number[]> {
  const model = await load(path(file), options);
  try {
    const { data } = await model.predict(patternOf(model.inputShape, layout));
    return [...data];
  } finally {
    model.dispose();
  }
}

const shown = (numbers: readonly number[]) => numbers.slice(0, 3).map((x) => x.toFixed(5));

/** Undefined where the file gives the right value; else what goes wrong. */
async function faultOf(one: Case): Promise<string | undefined> {
  const { tolerance = 1e-4 } = one;
  try {
    const output = await outputOf(one);
    const expected = one.expected();
    const far = expected.some((x, i) => !(Math.abs(x - output[i]) <= tolerance));
    return far ? `computes ${shown(output)}, expected ${shown(expected)}` : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function check(t: TestContext, file: string, fault: string | undefined): void {
  t.diagnostic(`${file.padEnd(36)} ${fault ?? "right"}`);
  assert.equal(fault, undefined);
}

for (const one of cases) {
  test(`${one.file} gives the value of the tool that made it`, { skip: absent }, async (t) => {
    check(t, one.file, await faultOf(one));
  });
}

test("tm_export/model.json has its labels", { skip: absent }, async (t) => {
  const { labels } = await load(path("tm_export/model.json"));
  const right = labels.join() === "Cat,Dog,Nothing";
  check(t, "tm_export/model.json", right ? undefined : `labels are ${labels.join() || "missing"}`);
});

test("cmyk.jpg has the pixels of PIL and Chromium", { skip: absent }, async (t) => {
  const { data, width, channels } = await toPicture(path("cmyk.jpg"));
  const at = (5 * width + 5) * channels;
  const pixel = [...data.subarray(at, at + 3)];
  // Two decoders of a JPEG may differ by two of 255.
  const right = [4, 7, 0].every((x, i) => Math.abs(x - pixel[i]) <= 2);
  check(t, "cmyk.jpg", right ? undefined : `pixel is ${pixel}`);
});

test("heic.heic is decoded, or the error says what to install", { skip: absent }, async (t) => {
  const fault = await toPicture(path("heic.heic")).then(
    () => undefined,
    (error: Error) => (/npm install/.test(error.message) ? undefined : error.message),
  );
  check(t, "heic.heic", fault);
});

test("timm's V1 is the same as ONNX and as safetensors, its preprocessing too", { skip: absent }, async (t) => {
  const onnx = await load(path("timm_v1_025.onnx"));
  const [height, width] = onnx.inputShape;
  const options = { inputShape: [height, width, 3], classifierActivation: "linear" } as const;
  const other = await load(path("timm_v1_025.safetensors"), options);
  const input = patternOf(onnx.inputShape, "NHWC");
  const [a, b] = [await onnx.predict(input), await other.predict(input)];
  // The safetensors holds float16.
  assert.ok(a.data.every((x, i) => Math.abs(x - b.data[i]) <= 1e-3));
  const of = ({ preprocessing: { mean, std } }: typeof onnx) => `mean ${mean} and std ${std}`;
  check(t, "timm_v1_025.onnx", of(onnx) === of(other) ? undefined : `${of(onnx)}, but ${of(other)} in safetensors`);
});
