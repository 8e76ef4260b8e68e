// The four networks as published, full size, as ONNX Runtime computes them and as our own kernels do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onnxruntime } from "../../packages/mobilenets/src/engines/onnxruntime.ts";
import { wasm } from "../../packages/mobilenets/src/engines/wasm.ts";
import { buildGraph, networkNames } from "../../packages/mobilenets/src/models/networks.ts";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { topK } from "../../packages/mobilenets/src/top-k.ts";
import { onnxRuntimes } from "../support/onnx-runtimes.ts";
import { randomInput, randomProgram } from "../support/random-program.ts";
import { assertClose } from "./compare.ts";

for (const { name, load, absent } of onnxRuntimes) {
  for (const network of networkNames) {
    test(`${name} and our kernels agree on ${network}`, { skip: absent }, async (t) => {
      const program = randomProgram(buildGraph(network, { classifierActivation: null }), 3);
      const input = randomInput(program.graph, 2, 4);
      const results: Tensor[] = [];
      for (const engine of [wasm({ threads: 1 }), onnxruntime({ threads: 1, load })]) {
        const executable = await engine.compile(program);
        results.push((await executable.run(input))[0]);
        executable.dispose();
      }
      const [ours, theirs] = results;
      assertClose(theirs, ours, 1e-4, "logits");
      for (let i = 0; i < 2; i++) {
        const labels = results.map(({ data }) =>
          topK(data.subarray(i * 1000, (i + 1) * 1000), 5).map(({ index }) => index),
        );
        assert.deepEqual(labels[1], labels[0]);
        t.diagnostic(`picture ${i}: ${labels[0].join(", ")}`);
      }
    });
  }
}
