// Lays out, plans, packs and prints a graph of 8-bit values, although no kernel computes with them yet: apart from the
// kernel, a second numeric type needs only the extension below.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conv } from "../../../../test/support/graph-of.ts";
import { MemoryMap } from "../engines/memory-map.ts";
import { writePlan } from "../engines/write-plan.ts";
import { EngineError } from "../errors.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { checkGraph } from "../graph/check.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { type Conv2dAttrs, conv2d } from "../graph/ops/conv2d.ts";
import { printGraph } from "../graph/print.ts";
import type { ValueType } from "../graph/value-type.ts";
import { windowGeometry } from "../graph/window.ts";
import { type PanelGeometry, panelBytes, panelsOf } from "../kernels/geometry.ts";
import { KernelTable, type ModuleName } from "../kernels/kernel-table.ts";
import { type KernelName, signatures } from "../kernels/signatures.ts";
import { optimise } from "../passes/optimise.ts";
import { tensor } from "../tensor.ts";
import { pixel } from "./buffer.ts";
import { compile } from "./compile.ts";
import type { Extension } from "./extension.ts";
import { bytesOf, pitchOf, stepOf } from "./layout.ts";
import { conv2dFrame } from "./lower/conv2d.ts";
import { entry } from "./lower.ts";
import type { Lowering } from "./lowering.ts";
import { printPlan } from "./print.ts";

const geometry: PanelGeometry = {
  kernel: "qs8-gemm",
  dtype: "int8",
  sums: "int32",
  nr: 8,
  kr: 4,
  mr: { simd: 4, relaxed: 6 },
};

/** The signature of the missing kernel. */
const signature = {
  a: "ptr",
  aStep: "i32",
  aPitch: "i32",
  kh: "i32",
  taps: "i32",
  w: "ptr",
  panel: "i32",
  panels: "i32",
  c: "ptr",
  cStep: "i32",
  m: "i32",
} as const;

function lower(ctx: Lowering, node: Node, attrs: Conv2dAttrs): void {
  const source = ctx.value(node.inputs[0]);
  const { pad } = windowGeometry(source.height, source.width, attrs);
  const [, kernel, bias] = node.inputs;
  const shape = ctx.paramShape(kernel) as [number, number, number, number];
  const x = ctx.framed(source, pad, source.channels);
  const c = ctx.result(node, true);
  const args = {
    a: pixel(x, pad),
    aStep: stepOf(x),
    aPitch: pitchOf(x),
    kh: shape[0],
    taps: Math.ceil((shape[1] * shape[2]) / geometry.kr),
    w: ctx.packed({ kind: "panels", geometry, kernel, bias, shape }),
    panel: panelBytes(geometry, shape),
    panels: panelsOf(geometry, shape[3]),
    c: pixel(c),
    cStep: stepOf(c),
    m: c.height * c.width,
  };
  ctx.emit(geometry.kernel as KernelName, args, 0);
}

const int8: Extension = {
  ops: {},
  kernels: new KernelTable("int8" as ModuleName, { ...signatures, "qs8-gemm": signature }),
  lowerings: new Map([[conv2d.name, { ...entry(conv2d, lower, { frame: conv2dFrame, dtypes: ["int8"] })[1] }]]),
};

const perValue = (scale: number, zeroPoint: number): Pick<ValueType, "dtype" | "quantization"> => ({
  dtype: "int8",
  quantization: { scales: [scale], zeroPoints: [zeroPoint] },
});
const perChannel = (dtype: "int8" | "int32", count: number, axis: number) => ({
  dtype,
  quantization: { scales: Array(count).fill(0.01), zeroPoints: Array(count).fill(0), axis },
});

/** Two convolutions of 3x3, each over the edge of its map. */
function small(): Graph {
  const b = new GraphBuilder("small", [5, 6, 3]);
  const same = { kernelSize: [3, 3], padding: "same", useBias: true } as const;
  const first = b.add(conv2d, "first", [b.input], conv(16, same));
  const graph = b.build(b.add(conv2d, "second", [first], conv(10, same)));
  const types = { first: perValue(0.02, -128), second: perValue(0.5, 7) };
  return checkGraph({
    ...graph,
    input: { ...graph.input, ...perValue(0.0078, -1) },
    nodes: graph.nodes.map((node) => ({ ...node, ...types[node.name as keyof typeof types] })),
    params: Object.fromEntries(
      Object.entries(graph.params).map(([name, spec]) => {
        const axis = spec.shape.length - 1;
        return [name, { ...spec, ...perChannel(axis === 0 ? "int32" : "int8", spec.shape[axis], axis) }];
      }),
    ),
  });
}

test("values take a byte a number, and frames are filled with what stands for zero", () => {
  const plan = compile(small(), 1, int8);
  assert.equal(plan.module, "int8");
  const { input, outputs } = plan;
  assert.deepEqual([input.element, input.zero, bytesOf(input)], [1, -1, (5 + 2) * (6 + 2) * 3]);
  // 10 channels are rounded up to a vector of 16 bytes.
  assert.deepEqual([outputs[0].element, outputs[0].zero, bytesOf(outputs[0])], [1, 7, 5 * 6 * 16]);
  const frames = plan.steps.filter(({ kernel }) => kernel === "x8-frame");
  assert.deepEqual(
    frames.map(({ node, args }) => [node, args.fill, args.pitch]),
    [
      ["input", -1, 8 * 3],
      ["first", -128, 8 * 16],
    ],
  );
});

test("panels have biases of 32 bits and taps by the four, and a step counts them so", () => {
  const plan = compile(small(), 1, int8);
  const convolutions = plan.steps.filter(({ kernel }) => (kernel as string) === "qs8-gemm");
  // A run is a row of the window: 3 pixels of 3 channels are 9 taps, padded to 12 in groups of four; 3 of 16 are 48.
  assert.deepEqual(
    convolutions.map(({ args: { taps, panel, panels } }) => [taps, panel, panels]),
    [
      [3, 8 * (4 + 3 * 12), 2],
      [12, 8 * (4 + 3 * 48), 2],
    ],
  );
});

test("weights and steps are written as for any other plan", () => {
  const graph = small();
  const plan = compile(graph, 1, int8);
  const weights = Object.fromEntries(
    Object.entries(graph.params).map(([name, { shape }]) => {
      const { data } = tensor(shape);
      return [
        name,
        tensor(
          shape,
          data.map((_, i) => (i % 200) - 100),
        ),
      ];
    }),
  );
  const map = new MemoryMap(plan, 1);
  const buffer = new ArrayBuffer(map.bytes);
  writePlan(map, weights, buffer, () => assert.fail("the module packs no such panels"), int8.kernels);
  const [first] = plan.constants;
  assert.deepEqual([...new Int32Array(buffer, first.at, 8)], [-100, -99, -98, -97, -96, -95, -94, -93]);
  // Taps 0 to 3 of column 0.
  assert.deepEqual([...new Int8Array(buffer, first.at + 32, 4)], [-100, -84, -68, -52]);
  const number = int8.kernels.numberOf("qs8-gemm" as KernelName);
  const at = plan.stepsAt + 192 * plan.steps.findIndex(({ kernel }) => (kernel as string) === "qs8-gemm");
  assert.equal(new DataView(buffer).getInt32(at, true) & 0xff, number);
});

test("prints with types, fills and panels", () => {
  const graph = small();
  assert.match(printGraph(graph), /^small\(input int8\[1,5,6,3\] 0\.0078:-1\)\n/);
  assert.match(printGraph(graph), /\nfirst\/kernel int8\[3,3,3,16\] 0\.01:0 along 3\n/);
  assert.match(printGraph(graph), /\nfirst int8\[1,5,6,16\] 0\.02:-128 = conv2d\(input, first\/kernel, first\/bias\)/);
  const text = printPlan(compile(graph, 1, int8));
  assert.match(text, /\nmodule int8, steps at /);
  assert.match(text, /\nfirst +x8-frame .* fill=-128\n/);
  assert.match(text, /\nsecond +qs8-gemm .* taps=12 .* panel=1184 panels=2 /);
});

test("kernels of floats do not compute with bytes unasked: a pass makes floats of them, or the planner refuses", () => {
  const graph = small();
  assert.throws(
    () => compile(graph),
    (error: EngineError) => {
      assert.ok(error instanceof EngineError);
      assert.match(error.message, /^first: conv2d of int8, expected float32, as optimise\(\) leaves it/);
      return true;
    },
  );
  const floats = optimise({ graph, weights: {} }).graph;
  assert.match(printGraph(floats), /^small\(input \[1,5,6,3\]\)/);
  assert.ok(floats.nodes.every((node) => !("dtype" in node)));
  assert.equal(floats.params["first/kernel"].dtype, "int8");
  assert.equal(compile(floats).input.element, 4);
});
