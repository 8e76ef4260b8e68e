import assert from "node:assert/strict";
import { test } from "node:test";
import { add } from "../../packages/mobilenets/src/graph/ops/add.ts";
import { is } from "../../packages/mobilenets/src/graph/ops.ts";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import { type Case, checkCase, readGolden } from "./golden.ts";

interface Golden {
  readonly cases: readonly (Case & { readonly additions: number })[];
  /** Widths at which the article's own code fails. */
  readonly fails: readonly number[];
}

const { seed, cases, fails } = readGolden<Golden>("article-alphas.json");

for (const golden of cases) {
  const { network, options, additions } = golden;
  test(`the article's V3-small at alpha ${options.alpha} computes what its code does in Keras`, async () => {
    const { nodes } = buildGraph(network, options);
    assert.equal(nodes.filter((node) => is(node, add)).length, additions);
    await checkCase(golden, seed);
  });
}

test("a width at which the article's own code fails is refused", () => {
  assert.ok(fails.length > 0);
  for (const alpha of fails) {
    const build = () => buildGraph("mobilenet_v3_small", { flavor: "article", alpha });
    assert.throws(build, /the article's own code fails at this width too/, `alpha ${alpha}`);
  }
});
