import { openFeatureFolder } from "../../packages/cli/src/similar/feature-folder.ts";

/** Reads the output of `mobilenets extract` in `dir`: the vectors of pictures by path. */
export async function readFeatures(dir: string): Promise<ReadonlyMap<string, Float32Array>> {
  const folder = await openFeatureFolder(dir);
  try {
    const { paths, dim, features } = folder;
    const { data } = await features.read(0, paths.length);
    return new Map(paths.map((path, row) => [path, data.subarray(row * dim, (row + 1) * dim)]));
  } finally {
    await folder.close();
  }
}
