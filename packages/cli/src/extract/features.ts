import { type Model, OptionError, type Picture, type Tensor } from "mobilenets";
import { didYouMean } from "mobilenets/graph";

/** One vector per picture. */
export type Featuriser = (pictures: readonly Picture[]) => Promise<Float32Array[]>;

/**
 * What `extract` computes: the embedding, or an inner layer's result, averaged over the picture if it is a map.
 * @throws OptionError if the layer's result is neither a map nor a vector
 */
export function featuriser(model: Model, layer: string | undefined): Featuriser {
  if (layer === undefined) return (pictures) => model.embed(pictures);
  return async (pictures) => {
    const { [layer]: batch } = await model.features(pictures, [layer]);
    return pooled(batch, layer);
  };
}

/** @throws OptionError with the layers that are near, if the model has none of this name */
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

/** Numbers per vector: found by computing one, which also warms the engine up. */
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
