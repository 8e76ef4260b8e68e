// Tests of this engine alone; other files test its numbers and the contract of engines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "../../../../test/support/graph-of.ts";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { EngineError } from "../errors.ts";
import { activation } from "../graph/ops/activation.ts";
import { onnxruntime } from "./onnxruntime.ts";
import type { Runtime } from "./onnxruntime-executable.ts";

const program = randomProgram(
  graphOf([2, 3, 3], (b) => b.add(activation, "y", [b.input], { activation: "relu" })),
  1,
);
const pictures = randomInput(program.graph, 3, 2);

/** A runtime that returns its input and records its calls. */
function echo(fail: { create?: Error; run?: Error } = {}) {
  const asked = { options: [] as object[], dims: [] as (readonly number[])[], released: 0 };
  const runtime: Runtime = {
    env: { wasm: {} },
    Tensor: class {
      data: Float32Array;
      dims: readonly number[];
      constructor(_type: "float32", data: Float32Array, dims: readonly number[]) {
        this.data = data;
        this.dims = dims;
      }
    },
    InferenceSession: {
      async create(_, options) {
        asked.options.push(options);
        if (fail.create) throw fail.create;
        return {
          async run(feeds) {
            if (fail.run) throw fail.run;
            const [{ data, dims }] = Object.values(feeds) as [{ data: Float32Array; dims: readonly number[] }];
            asked.dims.push(dims);
            return { output_0: { data: data.slice() } };
          },
          async release() {
            asked.released++;
          },
        };
      },
    },
  };
  return { asked, runtime, load: async () => runtime };
}

test("on a processor pictures run one by one, on anything else together", async () => {
  for (const [providers, dims] of [
    [undefined, [1, 1, 1]],
    [["wasm"], [1, 1, 1]],
    [["cuda", "cpu"], [3]],
    [["webgpu"], [3]],
  ] as const) {
    const { asked, load } = echo();
    const executable = await onnxruntime({ providers, load }).compile(program);
    const [output] = await executable.run(pictures);
    assert.deepEqual(output, pictures);
    assert.deepEqual(
      asked.dims,
      dims.map((n) => [n, 2, 3, 3]),
    );
  }
});

test("hands over providers and threads, and leaves what is not asked for to the runtime", async () => {
  const quiet = { logSeverityLevel: 3 };
  const plain = echo();
  await onnxruntime({ load: plain.load }).compile(program);
  assert.deepEqual(plain.asked.options, [quiet]);
  assert.deepEqual(plain.runtime.env.wasm, {});

  const tuned = echo();
  await onnxruntime({ threads: 2, providers: ["coreml", "cpu"], load: tuned.load }).compile(program);
  assert.deepEqual(tuned.asked.options, [{ ...quiet, executionProviders: ["coreml", "cpu"], intraOpNumThreads: 2 }]);
  assert.equal(tuned.runtime.env.wasm.numThreads, 2);
});

test("models are prepared one after another, as the web package demands", async () => {
  const { runtime } = echo();
  let busy = 0;
  const create: Runtime["InferenceSession"]["create"] = async (model, options) => {
    assert.equal(busy++, 0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    busy--;
    return runtime.InferenceSession.create(model, options);
  };
  const engine = onnxruntime({ load: async () => ({ ...runtime, InferenceSession: { create } }) });
  await Promise.all([engine.compile(program), engine.compile(program), engine.compile(program)]);
});

test("what fails in the runtime is an EngineError that says so", async () => {
  const create = echo({ create: new Error("no CUDA here\nin 20 lines") });
  await assert.rejects(onnxruntime({ providers: ["cuda"], load: create.load }).compile(program), {
    name: "EngineError",
    message: "small: ONNX Runtime cannot prepare the model (no CUDA here): does this build of it have cuda?",
  });
  // The next model still compiles.
  await onnxruntime({ load: echo().load }).compile(program);

  const executable = await onnxruntime({ load: echo({ run: new Error("out of memory") }).load }).compile(program);
  await assert.rejects(
    executable.run(pictures),
    /^EngineError: small: ONNX Runtime cannot run the model \(out of memory\)$/,
  );
});

test("a missing package is an EngineError, not a refused option", async () => {
  const load = async () => {
    throw new EngineError({ where: "onnxruntime-node", found: "not installed" });
  };
  await assert.rejects(onnxruntime({ load }).compile(program), EngineError);
});

test("the session is released once, after the call that runs", async () => {
  const { asked, load } = echo();
  const executable = await onnxruntime({ providers: ["cuda"], load }).compile(program);
  const running = executable.run(pictures);
  executable.dispose();
  executable.dispose();
  await running.catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked.released, 1);
});
