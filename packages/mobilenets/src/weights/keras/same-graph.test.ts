import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, graphOf } from "../../../../../test/support/graph-of.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { add } from "../../graph/ops/add.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { type Conv2dAttrs, conv2d } from "../../graph/ops/conv2d.ts";
import { sameGraph } from "./same-graph.ts";

interface Parts {
  readonly prefix?: string;
  readonly attrs?: Partial<Conv2dAttrs>;
  readonly norm?: { readonly epsilon: number; readonly momentum: number };
  readonly size?: number;
  /** Indices of the two values that the sum takes. */
  readonly sum?: readonly [0 | 1, 0 | 1];
  readonly output?: 0 | 1;
}

const norm = { epsilon: 1e-3, momentum: 0.99 };

function made({ prefix = "", attrs = {}, norm: constants = norm, size = 5, sum = [0, 1], output = 0 }: Parts = {}) {
  return graphOf([size, size, 2], (b: GraphBuilder) => {
    const first = b.add(
      conv2d,
      `${prefix}first`,
      [b.input],
      conv(2, { kernelSize: [3, 3], padding: "same", ...attrs }),
    );
    const second = b.add(batchNormalization, `${prefix}second`, [first], constants);
    const both = [first, second];
    const total = b.add(add, `${prefix}total`, [both[sum[0]], both[sum[1]]], {});
    return [total, second][output];
  });
}

test("names, and what only matters in training, make no difference", () => {
  assert.ok(sameGraph(made(), made()));
  assert.ok(sameGraph(made(), made({ prefix: "my_" })));
  assert.ok(sameGraph(made(), made({ norm: { epsilon: 1e-3, momentum: 0.9 } })));
});

test("everything else does", () => {
  const others: Parts[] = [
    { attrs: { padding: "valid", kernelSize: [1, 1] } },
    { attrs: { useBias: true } },
    { attrs: { activation: "relu" } },
    { norm: { epsilon: 1e-5, momentum: 0.99 } },
    { size: 6 },
    { sum: [1, 0] },
    { sum: [1, 1] },
    { output: 1 },
  ];
  for (const parts of others) {
    assert.ok(!sameGraph(made(), made(parts)), JSON.stringify(parts));
    assert.ok(!sameGraph(made(parts), made()), JSON.stringify(parts));
  }
});

test("the padding of a one-pixel window makes none", () => {
  const point = (padding: "same" | "valid") => made({ attrs: { kernelSize: [1, 1], padding } });
  assert.ok(sameGraph(point("same"), point("valid")));
});
