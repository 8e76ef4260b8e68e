// The contract of executables, which every engine keeps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onnxRuntimes } from "../../../../test/support/onnx-runtimes.ts";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { EngineError, OptionError } from "../errors.ts";
import type { Program } from "../graph/graph.ts";
import { subgraph } from "../graph/subgraph.ts";
import { supports } from "../kernels/modules.ts";
import { buildGraph } from "../models/networks.ts";
import { type Tensor, tensor } from "../tensor.ts";
import type { Engine } from "./engine.ts";
import { onnxruntime } from "./onnxruntime.ts";
import { reference } from "./reference.ts";
import { wasm } from "./wasm.ts";

const engines: Record<string, Engine> = {
  reference,
  "wasm-simd": wasm({ isa: "simd", threads: 1 }),
  "wasm-simd on 2 threads": wasm({ isa: "simd", threads: 2 }),
  "wasm-simd on 3 threads": wasm({ isa: "simd", threads: 3 }),
  ...(supports("relaxed") && {
    "wasm-relaxed": wasm({ isa: "relaxed", threads: 1 }),
    "wasm-relaxed on 2 threads": wasm({ isa: "relaxed", threads: 2 }),
  }),
  ...Object.fromEntries(
    onnxRuntimes.flatMap(({ name, load, absent }) => (absent ? [] : [[name, onnxruntime({ threads: 1, load })]])),
  ),
};

/** A network with squeeze-and-excite, residuals and both window sizes; several inner layers are outputs too. */
const network = buildGraph("mobilenet_v3_small", { inputShape: [32, 40, 3], alpha: 0.25, classes: 7 });
const program: Program = randomProgram(
  subgraph(network, ["expanded_conv_4_depthwise", "expanded_conv_5_add", "conv_1_bn", "predictions"]),
  1,
);
const pictures = randomInput(program.graph, 5, 2);
/** A program that runs for microseconds. */
const tiny: Program = randomProgram(
  subgraph(buildGraph("mobilenet_v1", { inputShape: [32, 32, 3], alpha: 0.1 }), ["conv1_relu"]),
  1,
);

/** Picture `i` of a batch, as a batch of one. */
function item({ data, shape: [batch, ...sizes] }: Tensor, i: number): Tensor {
  const size = data.length / batch;
  return { data: data.slice(i * size, (i + 1) * size), shape: [1, ...sizes] };
}

for (const [name, engine] of Object.entries(engines)) {
  test(`${name}: calls in a row, each awaited, let timers fire and aborts be seen`, async () => {
    const executable = await engine.compile(tiny);
    const picture = randomInput(tiny.graph, 1, 2);
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 20);
    const signal = AbortSignal.timeout(40);
    // So long that it is reached only if nothing else ends the loop.
    const end = performance.now() + 20_000;
    await assert.rejects(
      async () => {
        while (performance.now() < end) await executable.run(picture, { signal });
      },
      { name: "TimeoutError" },
    );
    assert.ok(fired);
    executable.dispose();
  });

  test(`${name}: what is no tensor is refused in words`, async () => {
    const executable = await engine.compile(program);
    for (const nothing of [null, undefined, {}, new Float32Array(3), { data: [0], shape: [1] }]) {
      await assert.rejects(
        async () => executable.run(nothing as unknown as Tensor),
        (error) => error instanceof OptionError && /expected a tensor \{ data, shape \}$/.test(error.message),
      );
    }
    executable.dispose();
  });

  test(`${name}: a batch gives each picture the bits it gets alone, every time`, async () => {
    const executable = await engine.compile(program);
    const untouched = pictures.data.slice();
    const together = await executable.run(pictures);
    assert.deepEqual(
      together.map(({ shape }) => shape),
      [
        [5, 2, 3, 96],
        [5, 2, 3, 16],
        [5, 1, 2, 144],
        [5, 7],
      ],
    );
    for (let i = 0; i < 5; i++) {
      const alone = await executable.run(item(pictures, i));
      assert.deepEqual(
        alone,
        together.map((output) => item(output, i)),
        `picture ${i}`,
      );
    }
    assert.deepEqual(await executable.run(pictures), together);
    assert.deepEqual(pictures.data, untouched);
    executable.dispose();
  });

  test(`${name}: results belong to the caller`, async () => {
    const executable = await engine.compile(program);
    const first = await executable.run(item(pictures, 0));
    const kept = structuredClone(first);
    const second = await executable.run(item(pictures, 1));
    assert.deepEqual(first, kept);
    for (const { data } of second) data.fill(Number.NaN);
    assert.deepEqual(await executable.run(item(pictures, 0)), kept);
    executable.dispose();
  });

  test(`${name}: executables and calls do not disturb each other`, async () => {
    const executable = await engine.compile(program);
    const small = randomProgram(subgraph(network, ["expanded_conv_4_depthwise"]), 1);
    const other = await engine.compile(small);
    const [all, depthwise] = [await executable.run(pictures), await other.run(pictures)];
    const results = await Promise.all([
      executable.run(pictures),
      other.run(pictures),
      executable.run(pictures),
      other.run(pictures),
    ]);
    assert.deepEqual(results, [all, depthwise, all, depthwise]);
    // Overlapping calls on one executable, with different pictures and batch sizes.
    const singles = [0, 1, 2, 3, 4].map((i) => executable.run(item(pictures, i)));
    const [whole, ...alone] = await Promise.all([executable.run(pictures), ...singles]);
    assert.deepEqual(whole, all);
    alone.forEach((outputs, i) => {
      assert.deepEqual(
        outputs,
        all.map((output) => item(output, i)),
      );
    });
    other.dispose();
    assert.deepEqual(await executable.run(pictures), all);
    executable.dispose();
  });

  test(`${name}: a picture of NaN leaves nothing behind`, async () => {
    for (const { graph, weights } of [
      program,
      ...(["mobilenet_v1", "mobilenet_v2"] as const).map((network) =>
        randomProgram(buildGraph(network, { inputShape: [32, 32, 3], alpha: 0.25, classes: 7 }), 1),
      ),
    ]) {
      const executable = await engine.compile({ graph, weights });
      const clean = randomInput(graph, 1, 2);
      const expected = await executable.run(clean);
      const broken = await executable.run(tensor(clean.shape, new Float32Array(clean.data.length).fill(Number.NaN)));
      assert.ok(broken.at(-1)?.data.every(Number.isNaN));
      assert.deepEqual(await executable.run(clean), expected);
      executable.dispose();
    }
  });

  test(`${name}: input of another shape is refused, naming both`, async () => {
    const executable = await engine.compile(program);
    const wrong: readonly (readonly number[])[] = [
      [1, 40, 32, 3],
      [32, 40, 3],
      [1, 32, 40, 1],
      [0, 32, 40, 3],
    ];
    for (const shape of wrong) {
      await assert.rejects(
        executable.run(tensor(shape)),
        (error) =>
          error instanceof EngineError &&
          error.found.includes(`[${shape}]`) &&
          error.expected === "[n,32,40,3]" &&
          error.where === network.name,
      );
    }
    await assert.rejects(executable.run({ data: new Float32Array(7), shape: [1, 32, 40, 3] }), /7 numbers/);
    assert.equal((await executable.run(item(pictures, 0))).length, 4);
    executable.dispose();
  });

  test(`${name}: an aborted call rejects with the signal's reason and can be made again`, async () => {
    const executable = await engine.compile(program);
    const expected = await executable.run(pictures);
    const reason = new Error("enough");
    await assert.rejects(executable.run(pictures, { signal: AbortSignal.abort(reason) }), reason);

    // A signal that aborts after its first check: in the middle of a call.
    let looks = 0;
    const signal = Object.assign(new AbortController().signal, {
      throwIfAborted() {
        if (++looks > 1) throw reason;
      },
    });
    await assert.rejects(executable.run(pictures, { signal }), reason);
    assert.equal(looks, 2);
    assert.deepEqual(await executable.run(pictures), expected);
    executable.dispose();
  });

  test(`${name}: a disposed executable says so; disposing twice is harmless`, async () => {
    const executable = await engine.compile(program);
    await executable.run(item(pictures, 0));
    executable.dispose();
    executable.dispose();
    await assert.rejects(executable.run(item(pictures, 0)), /after dispose\(\)/);
  });

  test(`${name}: disposing in the middle of a call ends it with an error`, async () => {
    const executable = await engine.compile(program);
    const running = executable.run(randomInput(program.graph, 200, 2)).then(
      () => "finished",
      (error) => {
        assert.match(`${error}`, /after dispose\(\)/);
        return "ended";
      },
    );
    executable.dispose();
    assert.ok(["finished", "ended"].includes(await running));
    const another = await engine.compile(program);
    assert.equal((await another.run(item(pictures, 0))).length, 4);
    another.dispose();
  });
}

test("wasm: calls go on while another model's memory is made known to the threads", { timeout: 60_000 }, async () => {
  const engine = wasm({ isa: "simd", threads: 2 });
  const executable = await engine.compile(program);
  const [expected] = await executable.run(item(pictures, 0));
  for (let i = 0; i < 50; i++) {
    const [[result], other] = await Promise.all([executable.run(item(pictures, 0)), engine.compile(program)]);
    assert.deepEqual(result, expected);
    other.dispose();
  }
  executable.dispose();
});

test("wasm: more threads than a run has chunks leave some without a picture, and none waiting", async () => {
  const batch = randomInput(program.graph, 40, 3);
  const [one, many] = await Promise.all([1, 18].map((threads) => wasm({ isa: "simd", threads }).compile(program)));
  assert.deepEqual(await many.run(batch), await one.run(batch));
  one.dispose();
  many.dispose();
});
