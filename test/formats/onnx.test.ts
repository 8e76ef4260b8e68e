// Real files of PyTorch's and Keras' exporters load as the networks they are, with the numbers they give there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import { matchWeights } from "../../packages/mobilenets/src/weights/match/match.ts";
import { readWeightFile } from "../../packages/mobilenets/src/weights/read.ts";
import { type Case, checkCase, readGolden } from "../oracles/golden.ts";

interface Golden {
  readonly cases: readonly (Case & { readonly file: string })[];
}

for (const exporter of ["torch", "keras"]) {
  const { cases, seed } = readGolden<Golden>(`onnx/${exporter}.json`);
  for (const golden of cases) {
    test(`${golden.file}.onnx is ${golden.network}, and computes the same`, async () => {
      const packed = readFileSync(new URL(`../golden/onnx/${golden.file}.onnx.gz`, import.meta.url));
      const { network, options, tensors } = await readWeightFile(gunzipSync(packed), `${golden.file}.onnx`);
      assert.equal(network, golden.network);
      assert.deepEqual(options, golden.options);
      const weights = matchWeights(buildGraph(golden.network, golden.options), tensors, golden.file);
      await checkCase(golden, seed, weights);
    });
  }
  assert.ok(cases.length > 3);
}
