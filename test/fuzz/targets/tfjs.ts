import { readFileSync } from "node:fs";
import { GraphError, WeightsError } from "../../../packages/mobilenets/src/errors.ts";
import { signedPreprocessing } from "../../../packages/mobilenets/src/models/preprocessing.ts";
import { readTfjs } from "../../../packages/mobilenets/src/weights/tfjs/read.ts";
import { writeTfjsLayers } from "../../../packages/mobilenets/src/weights/tfjs/write.ts";
import { smallProgram } from "../../support/small-program.ts";
import type { Target } from "../harness.ts";

/** The model.json of our layers model and of a graph model of TensorFlow's converter; shards are not mutated. */
export async function target(): Promise<Target> {
  const preprocessing = signedPreprocessing(9, 8, 3);
  const layers = await writeTfjsLayers({ program: smallProgram(), preprocessing, labels: ["a", "b"] });
  const golden = (name: string) => readFileSync(new URL(`../../golden/tfjs/v1-float32/${name}`, import.meta.url));
  const graph = golden("model.json").toString().replace('["group1-shard1of1.bin"]', '["graph.bin"]');
  const shards: Readonly<Record<string, Uint8Array>> = {
    ...layers.companions,
    "graph.bin": golden("group1-shard1of1.bin"),
  };
  return {
    files: { layers: layers.bytes, graph: new TextEncoder().encode(graph) },
    async read(bytes) {
      const file = await readTfjs(
        bytes,
        "model.json",
        async (path) => shards[path] ?? Promise.reject(new Error("none")),
      );
      try {
        return file.graph;
      } catch (cause) {
        // Invalid layers have a separate error, which names the layer.
        if (!(cause instanceof GraphError)) throw cause;
        throw new WeightsError({ where: cause.where, found: cause.found }, { cause });
      }
    },
  };
}
