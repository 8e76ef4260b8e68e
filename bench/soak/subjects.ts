import { load, type Model, type Picture, type Tensor } from "mobilenets";
import { formatFor } from "mobilenets/weights";
import sharp from "sharp";
import { random } from "../../packages/mobilenets/src/random.ts";

/** A model to load repeatedly. */
export interface Subject {
  readonly name: string;
  load(threads: number): Promise<Model>;
}

/** Networks by name, a file of each format, and the available ImageNet weights. */
export async function subjects(): Promise<Subject[]> {
  const small = { weights: "random", inputShape: [96, 96, 3], seed: 7 } as const;
  const options = { ...small, alpha: 0.35, classes: 20 };
  const source = await load("mobilenet_v2", { ...options, threads: 1 });
  const files = await Promise.all(
    ["safetensors", "keras-h5", "onnx", "tflite"].map(async (name): Promise<Subject> => {
      const write = await formatFor("", name).writer();
      const { bytes } = await write(source);
      return { name: `V2 from ${name}`, load: (threads) => load(bytes, { threads }) };
    }),
  );
  source.dispose();
  return [
    { name: "EfficientNet-Lite0 with ImageNet weights", load: (threads) => load(undefined, { threads }) },
    { name: "V1", load: (threads) => load("mobilenet_v1", { ...small, alpha: 0.25, threads }) },
    { name: "V2", load: (threads) => load("mobilenet_v2", { ...small, alpha: 0.35, threads, warmUp: true }) },
    { name: "V3-small", load: (threads) => load("mobilenet_v3_small", { ...small, alpha: 0.75, threads }) },
    {
      name: "V3-large",
      load: (threads) => load("mobilenet_v3_large", { ...small, inputShape: [224, 224, 3], threads }),
    },
    ...files,
  ];
}

/** Pictures as pixels, and as files of several formats. */
export async function pictures(): Promise<readonly (Picture | Uint8Array)[]> {
  const raw = (seed: number, width: number, height: number): Picture => {
    const rng = random(seed);
    const [a, b, c] = [rng() * 20, rng() * 20, rng() * 6];
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < data.length; i++) {
      const pixel = Math.floor(i / 3);
      const [x, y] = [(pixel % width) / width, Math.floor(pixel / width) / height];
      data[i] = 128 + 100 * Math.sin(a * x + b * y + c * (i % 3)) + 20 * rng();
    }
    return { data, width, height, channels: 3 };
  };
  const file = async (seed: number, width: number, height: number, format: "jpeg" | "png" | "webp") => {
    const { data } = raw(seed, width, height);
    return Uint8Array.from(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .toFormat(format)
        .toBuffer(),
    );
  };
  return [
    raw(1, 96, 96),
    raw(2, 224, 224),
    raw(3, 320, 200),
    await file(4, 640, 480, "jpeg"),
    await file(5, 123, 321, "png"),
    await file(6, 500, 375, "webp"),
  ];
}

/** A model's answers for each picture. */
export interface Answers {
  readonly classes: readonly string[];
  readonly embeddings: readonly Float32Array[];
  readonly prediction: Float32Array;
}

export const inputOf = ({ inputShape }: Model): Tensor => {
  const [height, width, channels] = inputShape;
  const data = Float32Array.from({ length: height * width * channels }, (_, i) => Math.sin(i / 100));
  return { data, shape: [1, height, width, channels] };
};

export async function answersOf(model: Model, all: readonly (Picture | Uint8Array)[]): Promise<Answers> {
  const classes: string[] = [];
  const embeddings: Float32Array[] = [];
  for (const picture of all) {
    classes.push(JSON.stringify(await model.classify(picture)));
    embeddings.push(await model.embed(picture));
  }
  const { data: prediction } = await model.predict(inputOf(model));
  return { classes, embeddings, prediction };
}
