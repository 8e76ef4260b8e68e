// Tests that V8's pass that fuses pairs of 128-bit operations into 256 bits accepts the hot kernels, with equal results.
// It reads V8's traces, not times. Without such a pass (Node 20, other processors) the tests skip with a reason.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { arch } from "node:os";
import { before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { simdAnswers } from "../../../../test/support/simd-answers.ts";
import { bytes } from "./generated/training-relaxed.ts";
import { moduleText } from "./module.ts";
import { trainingFunctions } from "./training/module.ts";
import { trainingKernels } from "./training/table.ts";

const FLAG = "--experimental-wasm-revectorize";
/** Flag that compiles functions with the optimising compiler at once. */
const OPTIMISED = "--no-liftoff";
const TRACED = [
  FLAG,
  "--trace-wasm-revectorize",
  OPTIMISED,
  "--no-wasm-lazy-compilation",
  "--wasm-num-compilation-tasks=1",
];

/** Compiles the module on standard input. */
const COMPILE = "new WebAssembly.Module(require('node:fs').readFileSync(0))";

/** The functions that take most of the time in inference and training. */
const HOT = [
  ...[1, 2, 3, 4, 5, 6].map((rows) => `gemm-${rows}x8`),
  ...[3, 4, 6].map((rows) => `gemm-${rows}x16`),
  "gemv",
  ...["3x3s1", "3x3s2", "5x5s1", "5x5s2"].map((window) => `f32-dwconv-${window}-wide`),
  ..."unary add affine multiply sigmoid softmax sum-rows max-rows copy".split(" ").map((name) => `f32-${name}`),
  "pack",
  ...[1, 2, 3, 4, 5, 6].map((rows) => `gemm-tn-${rows}x8`),
  "gemm-tn-6x16",
  ...["1x1", "3x3", "5x5"].map((window) => `f32-dwconv-kernel-grad-${window}-wide`),
  ..."moments normalize norm-sums norm-input-grad activation-grad broadcast max-grad pack-gemm"
    .split(" ")
    .map((name) => `f32-${name}`),
];

/** Hot functions in which V8 leaves a pair of stores unfused: the tests of transposed columns. */
const PARTLY: readonly string[] = ["f32-pack-gemm"];

/** V8's trace of each function, by its name in the text. */
let traces: Map<string, string>;
let lacks: string | undefined;

before(() => {
  const known = spawnSync(process.execPath, [FLAG, "-e", ""]).status === 0;
  if (!known) lacks = `the V8 of Node ${process.versions.node} knows no ${FLAG}: run this on Node 24`;
  else if (arch() !== "x64") lacks = `V8 widens on x64 only, and this is ${arch()}`;
  if (lacks !== undefined) return;
  const input = Buffer.from(bytes, "hex");
  const { stdout, stderr, status } = spawnSync(process.execPath, [...TRACED, "-e", COMPILE], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  const text = moduleText("relaxed", trainingKernels, trainingFunctions("relaxed"));
  const names = [...text.matchAll(/\(func \$?(?:\(export ")?([\w-]+)/g)]
    .map(([, name]) => name)
    .filter((n) => n !== "param");
  const parts = stdout.split("Begin revec function wasm-function#").slice(1);
  if (parts.length === 0) lacks = "V8 did not try to widen anything: this processor has no AVX2";
  traces = new Map(parts.map((part) => [names[Number.parseInt(part, 10)], part]));
});

/** Skips if the pass is missing. CI's run on Node 24 must have it: skipping there would hide its loss. */
function skipped(t: TestContext): boolean {
  if (lacks === undefined) return false;
  const mustRun = process.env.MOBILENETS_EXPECT_RELAXED === "1" && arch() === "x64" && !lacks.includes("AVX2");
  assert.ok(!mustRun, lacks);
  t.skip(lacks);
  return true;
}

test("V8 widens every hot kernel, and all of its pairs", (t) => {
  if (skipped(t)) return;
  for (const name of HOT) {
    const trace = traces.get(name);
    assert.ok(trace, `${name}: V8 does not speak of it`);
    assert.match(trace, /Decide to vectorize/, `${name}: ${reasonIn(trace)}`);
    if (!PARTLY.includes(name)) assert.doesNotMatch(trace, /Build tree failed/, `${name}: ${reasonIn(trace)}`);
  }
});

test("what V8 cannot widen is told apart: a lone vector has no pair", (t) => {
  if (skipped(t)) return;
  for (const name of ["gemm-6x4", "f32-dwconv-3x3s1"]) assert.match(traces.get(name) ?? "", /Empty seed/, name);
});

/** V8's reason for giving up. */
function reasonIn(trace: string): string {
  const reasons = trace.match(
    /Empty seed|Different [\w ]+|Unsupported [^\n]+|[Bb]reak side effect|Can't [\w ]+|Save: [^\n]+/g,
  );
  return [...new Set(reasons)].join("; ");
}

test("narrow tiles and wide ones, widened or not, compute the same to the bit", async (t) => {
  const [narrow, wide] = [await simdAnswers(128), await simdAnswers(256)];
  assert.deepEqual(wide, narrow, "wide tiles");
  if (skipped(t)) return;
  const program = fileURLToPath(new URL("../../../../test/support/simd-answers.ts", import.meta.url));
  const flags = [FLAG, OPTIMISED, "--import", "tsx", "--conditions", "source"];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, program], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { narrow, wide: narrow }, "widened");
});
