import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "../../../../test/support/graph-of.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { compile } from "../plan/compile.ts";
import { optimise } from "./optimise.ts";

/** A chain of nodes, as a file of a few megabytes may have. */
const chain = (nodes: number) =>
  graphOf([1, 1, 4], (b) => {
    let last = b.input;
    for (let i = 0; i < nodes; i++) {
      last =
        i % 2 === 0
          ? b.add(activation, `n${i}`, [last], { activation: "relu" })
          : b.add(add, `n${i}`, [last, last], {});
    }
    return last;
  });

/** CPU time in milliseconds: other work of the machine changes it little. */
function timeOf(nodes: number): number {
  const graph = chain(nodes);
  const before = process.cpuUsage();
  compile(optimise({ graph, weights: {} }).graph);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}

test("passes and plans of long graphs take time in proportion to the nodes", (t) => {
  timeOf(2000);
  const [few, many] = [timeOf(5000), timeOf(40_000)];
  t.diagnostic(`5,000 nodes ${few.toFixed(0)} ms, 40,000 nodes ${many.toFixed(0)} ms`);
  // 8 times the nodes; quadratic steps once made it 15 times the time.
  assert.ok(many < 10 * Math.max(few, 20), `${many} ms, ${few} ms for an eighth of the nodes`);
});
