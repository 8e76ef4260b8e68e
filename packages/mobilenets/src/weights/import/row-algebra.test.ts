import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { GraphImport } from "./graph-import.ts";
import { type Arithmetic, type Given, isRows, reduceRows, rowArithmetic, square, squareRoot } from "./row-algebra.ts";

function rows() {
  const graph = new GraphImport("g", "x", [1, 1, 3], "m");
  const call = { graph, name: "y", where: "m: y" };
  const x: Given = { value: "x" };
  const number = (n: number): Given => ({ constant: tensor([], [n]) });
  const vector = (...n: number[]): Given => ({ constant: tensor([n.length], n) });
  const op = (kind: Arithmetic, a: Given, b: Given) => rowArithmetic(call, kind, a, b);
  const mean = reduceRows(call, x, "mean");
  const variance = reduceRows(call, square(call, op("subtract", x, mean)), "mean");
  return { graph, call, x, number, vector, op, mean, variance };
}

/** The nodes of a result. */
function nodesOf(graph: GraphImport, result: Given) {
  assert.ok("value" in result);
  return graph.build(result.value).graph.nodes.map(({ op, attrs }) => ({ op, attrs }));
}

test("a layer norm in Keras' order, and as it is taught", () => {
  const keras = rows();
  const inverse = squareRoot(keras.call, keras.op("add", keras.variance, keras.number(2 ** -10)), true);
  const scaled = keras.op("multiply", inverse, keras.vector(1, 2, 3));
  const rest = keras.op("subtract", keras.vector(4, 5, 6), keras.op("multiply", keras.mean, scaled));
  const result = keras.op("add", keras.op("multiply", keras.x, scaled), rest);
  const [norm, affine] = nodesOf(keras.graph, result);
  assert.deepEqual(norm, { op: "normalize_rows", attrs: { kind: "variance", epsilon: 2 ** -10 } });
  assert.equal(affine.op, "batch_normalization");

  const taught = rows();
  // The mean of squares less the square of the mean.
  const squares = reduceRows(taught.call, square(taught.call, taught.x), "mean");
  const variance = taught.op("subtract", squares, square(taught.call, taught.mean));
  const root = squareRoot(taught.call, taught.op("add", variance, taught.number(2 ** -17)), false);
  const plain = taught.op("divide", taught.op("subtract", taught.x, taught.mean), root);
  assert.deepEqual(nodesOf(taught.graph, plain), [
    { op: "normalize_rows", attrs: { kind: "variance", epsilon: 2 ** -17 } },
  ]);
});

test("a division by the length, with the least that it may be", () => {
  for (const bound of ["square", "root", "inverse"] as const) {
    const { graph, call, x, number, op } = rows();
    const power = reduceRows(call, square(call, x), "sum");
    const least = bound === "square" ? op("maximum", power, number(1e-8)) : power;
    const root = squareRoot(call, least, bound !== "root");
    const bounded =
      bound === "root"
        ? op("maximum", root, number(1e-4))
        : bound === "inverse"
          ? op("minimum", root, number(1e4))
          : root;
    const [norm] = nodesOf(graph, op(bound === "root" ? "divide" : "multiply", x, bounded));
    const { epsilon } = norm.attrs as unknown as { epsilon: number };
    assert.ok(norm.op === "normalize_rows" && Math.abs(epsilon / 1e-8 - 1) < 1e-6, bound);
  }
});

test("what is none of both stays on the way, or is refused", () => {
  const { call, x, number, vector, op, mean, variance } = rows();
  const refused = (make: () => unknown) => assert.throws(make, (error) => error instanceof WeightsError);
  // A root of the mean of squares, as in RMSNormalization.
  const power = op("add", reduceRows(call, square(call, x), "mean"), number(1e-6));
  assert.ok(isRows(op("multiply", x, squareRoot(call, power, true))));
  assert.ok(isRows(op("multiply", x, squareRoot(call, variance, true))));
  refused(() => op("multiply", variance, number(2)));
  refused(() => op("add", variance, vector(1, 2, 3)));
  refused(() => op("add", variance, number(-1)));
  refused(() => op("multiply", mean, mean));
  refused(() => op("add", mean, { value: "z" }));
  refused(() => op("multiply", mean, vector(1, 2)));
  refused(() => op("divide", number(1), mean));
  refused(() => squareRoot(call, mean, true));
  refused(() => square(call, op("add", mean, number(1))));
  refused(() => reduceRows(call, mean, "sum"));
  refused(() => reduceRows(call, x, "sum"));
});
