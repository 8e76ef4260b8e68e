import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Engine } from "../../packages/mobilenets/src/engines/engine.ts";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { activationNames } from "../../packages/mobilenets/src/graph/activations.ts";
import { checkGraph } from "../../packages/mobilenets/src/graph/check.ts";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { importedOps } from "../../packages/mobilenets/src/graph/imported-ops.ts";
import { opNames } from "../../packages/mobilenets/src/graph/ops.ts";
import { gradientOps, trainingOps } from "../../packages/mobilenets/src/graph/training-ops.ts";
import type { Extension } from "../../packages/mobilenets/src/plan/extension.ts";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { largestMagnitude } from "../oracles/compare.ts";
import { randomInput, randomProgram } from "../support/random-program.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases.ts";
import { engines, relaxedExpected } from "./engines.ts";
import { toleranceOf } from "./tolerance.ts";

const all = Object.values(cases).flat();

/** A case with its weights and pictures, and what must come of them. */
interface Specified {
  readonly program: Program;
  readonly extension: Extension | undefined;
  readonly input: Tensor;
  readonly expected: readonly Tensor[];
}

/** Computed once, however many engines are held against it. */
const specification = new Map<Case, Specified>();

async function specified(c: Case): Promise<Specified> {
  let known = specification.get(c);
  if (!known) {
    const program = randomProgram(c.graph, 1);
    const input = randomInput(c.graph, c.batch, 2);
    known = {
      program,
      extension: c.extension,
      input,
      expected: await (await reference.compile(program, c.extension)).run(input),
    };
    specification.set(c, known);
  }
  return known;
}

/** The results of one call, and whether a second one, in memory that the first has used, gives the same bits. */
async function run(
  engine: Engine,
  { program, extension, input }: Specified,
): Promise<{ outputs: Tensor[]; repeats: boolean }> {
  const executable = await engine.compile(program, extension);
  try {
    const outputs = await executable.run(input);
    return { outputs, repeats: isDeepStrictEqual(await executable.run(input), outputs) };
  } finally {
    executable.dispose();
  }
}

/** What is wrong with one output, or undefined. */
function mismatch(found: Tensor, expected: Tensor, tolerance: number): string | undefined {
  if (found.shape.join() !== expected.shape.join()) return `shape [${found.shape}], expected [${expected.shape}]`;
  // Written so that NaN is a mismatch.
  const at = found.data.findIndex((value, i) => !(Math.abs(value - expected.data[i]) <= tolerance));
  return at < 0 ? undefined : `[${at}] is ${found.data[at]}, expected ${expected.data[at]} +- ${tolerance}`;
}

test("the list has every op and every activation, and no name twice", () => {
  const nodes = all.flatMap(({ graph }) => graph.nodes);
  const names = new Set([...opNames, ...Object.keys(importedOps), ...Object.keys(trainingOps)]);
  assert.deepEqual([...new Set(nodes.map(({ op }) => op))].sort(), [...names].sort());
  const activations = nodes.flatMap(({ attrs }) => ("activation" in attrs ? [attrs.activation] : []));
  assert.deepEqual([...new Set(activations)].sort(), [...activationNames].sort());
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const group of Object.values(cases)) assert.ok(group.length > 0);
  assert.ok(all.length > 500, `${all.length} cases`);
});

test("reference: outputs have the graph's shapes and say something", async () => {
  for (const c of all) {
    checkGraph(c.graph, gradientOps);
    const shapes = new Map([c.graph.input, ...c.graph.nodes].map(({ name, shape }) => [name, shape]));
    const { expected } = await specified(c);
    assert.equal(expected.length, c.graph.outputs.length, c.name);
    expected.forEach((output, i) => {
      const shape = shapes.get(c.graph.outputs[i])!;
      // Results of training graphs need not have a row per picture.
      const ownBatch = c.graph.input.shape[0] === c.batch;
      assert.deepEqual(output.shape, ownBatch ? shape : [c.batch, ...shape.slice(1)], c.name);
      assert.ok(output.data.every(Number.isFinite), `${c.name}: not finite`);
      // An output that is zero throughout would hide any mistake, and so would a tolerance as large as the output.
      assert.ok(largestMagnitude(output) > 0, `${c.name}: all zero`);
      assert.ok(toleranceOf(c.graph, output) < 2e-4 * largestMagnitude(output), `${c.name}: tolerance`);
    });
  }
});

test("wasm-relaxed can run where it is meant to", () => {
  const relaxed = engines.filter(({ name }) => name.startsWith("wasm-relaxed"));
  assert.ok(relaxed.length > 0);
  if (relaxedExpected) for (const { absent } of relaxed) assert.equal(absent, undefined);
});

for (const { name, engine, absent, skips, groupSkips } of engines) {
  if (absent) {
    test(`${name} agrees with the reference`, { skip: absent }, () => {});
    continue;
  }
  for (const [group, list] of Object.entries(cases)) {
    if (groupSkips?.[group]) {
      test(`${name} agrees with the reference: ${group}`, { skip: groupSkips[group] }, () => {});
      continue;
    }
    test(`${name} agrees with the reference: ${group}`, async (t) => {
      const failures: string[] = [];
      const ran = list.filter((c) => !Object.hasOwn(skips, c.name));
      for (const c of ran) {
        const wanted = await specified(c);
        const { expected } = wanted;
        const { outputs, repeats } = await run(engine, wanted);
        assert.equal(outputs.length, expected.length, c.name);
        if (!repeats) failures.push(`${c.name}: a second call gives other numbers`);
        outputs.forEach((tensor, i) => {
          const wrong = mismatch(tensor, expected[i], toleranceOf(c.graph, expected[i]));
          if (wrong) failures.push(`${c.name}, output ${c.graph.outputs[i]}: ${wrong}`);
        });
      }
      assert.deepEqual(failures, []);
      assert.ok(ran.length > 0, "no case was run");
      t.diagnostic(`${ran.length} cases, ${list.length - ran.length} skipped`);
    });
  }

  test(`${name} skips only what is in the list`, () => {
    const names = new Set(all.map((c) => c.name));
    assert.deepEqual(
      Object.keys(skips).filter((skipped) => !names.has(skipped)),
      [],
    );
  });
}

test("the comparison notices small differences", () => {
  const expected = { data: Float32Array.of(1, -2, 0.5), shape: [3] };
  const with3rd = (value: number) => ({ data: Float32Array.of(1, -2, value), shape: [3] });
  assert.equal(mismatch(with3rd(0.500001), expected, 1e-5), undefined);
  assert.match(mismatch(with3rd(0.50002), expected, 1e-5)!, /^\[2\]/);
  assert.match(mismatch(with3rd(Number.NaN), expected, 1e-5)!, /NaN/);
  assert.match(mismatch({ ...expected, shape: [1, 3] }, expected, 1e-5)!, /shape/);
});
