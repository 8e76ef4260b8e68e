import { type Model, OptionError, type Picture, type Tensor } from "mobilenets";
import { didYouMean } from "mobilenets/graph";

/** One vector per picture. */
export type Featuriser = (pictures: readonly Picture[]) => Promise<Float32Array[]>;

/**
 * Computes the embedding or an inner layer's result. A map is averaged over the picture.
 * @throws OptionError if the layer's result is neither a map nor a vector
 */
export function featuriser(model: Model, layer: string | undefined): Featuriser {
  if (layer === undefined) return (pictures) => model.embed(pictures);
  return async (pictures) => {
    const { [layer]: batch } = await model.features(pictures, [layer]);
    return pooled(batch, layer);
  };
}

/** A vector and the best classes of its picture, best first. */
export interface Labelled {
  readonly embedding: Float32Array;
  readonly labels: readonly string[];
  /** Probabilities. */
  readonly scores: readonly number[];
}

/**
 * Like `featuriser`, plus the best classes of each picture. Makes one pass through the network if possible.
 * @throws OptionError if the model has no classes
 */
export function labelledFeaturiser(
  model: Model,
  layer: string | undefined,
  topK: number,
): (pictures: readonly Picture[]) => Promise<Labelled[]> {
  const { nodes, outputs } = model.program.graph;
  const output = nodes.find(({ name }) => name === outputs[0]);
  // The head's pooling is the last one. Blocks have their own before it.
  const pool = nodes.findLast(({ op }) => op === "global_average_pooling2d" || op === "global_max_pooling2d");
  const from = layer ?? pool?.name;
  const inTwo = async (pictures: readonly Picture[]) => {
    const [vectors, classes] = [await featuriser(model, layer)(pictures), await model.classify(pictures, { topK })];
    return vectors.map((embedding, i) => ({ embedding, ...columnsOf(classes[i]) }));
  };
  // The one pass handles a plain softmax only. Other heads need `classify()`.
  const isSoftmax = (output?.attrs as { activation?: string } | undefined)?.activation === "softmax";
  if (from === undefined || !output || !isSoftmax || output.shape.length !== 2) return inTwo;
  return async (pictures) => {
    const { [from]: maps, [output.name]: probabilities } = await model.features(pictures, [from, output.name]);
    if (probabilities.data.some(Number.isNaN)) return inTwo(pictures);
    const count = probabilities.shape[1];
    return pooled(maps, from).map((embedding, i) => {
      const row = probabilities.data.subarray(i * count, (i + 1) * count);
      const best = Array.from(row.keys()).sort((a, b) => row[b] - row[a] || a - b);
      const classes = best.slice(0, topK).map((k) => ({ label: model.labelOf(k), probability: row[k] }));
      return { embedding, ...columnsOf(classes) };
    });
  };
}

function columnsOf(classes: readonly { readonly label: string; readonly probability: number }[]) {
  return {
    labels: classes.map(({ label }) => label),
    scores: classes.map(({ probability }) => probability),
  };
}

/** @throws OptionError with the nearest layer names, if the model has no layer of this name */
export function checkLayer({ name, program }: Pick<Model, "name" | "program">, layer: string): void {
  const names = program.graph.nodes.map((node) => node.name);
  if (names.includes(layer)) return;
  throw new OptionError({
    where: name,
    found: `no layer "${layer}"`,
    expected: `one of its ${names.length} layers`,
    hint: didYouMean(layer, names) ?? `\`mobilenets summary\` lists those of our networks`,
  });
}

/** Numbers per vector. Computes one vector to find out, and so warms up the engine. */
export async function measureDim(featurise: Featuriser): Promise<number> {
  const [vector] = await featurise([{ data: new Uint8Array(3), width: 1, height: 1, channels: 3 }]);
  return vector.length;
}

/** `[n, h, w, c]` or `[n, c]` -> n vectors of c */
export function pooled({ data, shape }: Tensor, layer: string): Float32Array[] {
  if (shape.length !== 4 && shape.length !== 2) {
    throw new OptionError({
      where: layer,
      found: `a result of shape [${shape.join(",")}]`,
      expected: "a map [n,height,width,channels] or a vector [n,channels]",
    });
  }
  const channels = shape[shape.length - 1];
  const pixels = shape.length === 4 ? shape[1] * shape[2] : 1;
  return Array.from({ length: shape[0] }, (_, i) => {
    const sums = new Float64Array(channels);
    for (let p = 0, k = i * pixels * channels; p < pixels; p++) {
      for (let c = 0; c < channels; c++) sums[c] += data[k++];
    }
    return Float32Array.from(sums, (sum) => sum / pixels);
  });
}
