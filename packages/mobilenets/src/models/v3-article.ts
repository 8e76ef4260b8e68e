import { OptionError } from "../errors.ts";
import type { Activation } from "../graph/activations.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { layers, pooled } from "./layers.ts";
import type { Accepts, Flavor, ResolvedOptions } from "./options.ts";
import { STEM_CHANNELS, type V3Block, v3Small } from "./v3-blocks.ts";

/** Keras' BatchNormalization defaults. */
const batchNorm = { epsilon: 1e-3, momentum: 0.99 };

/** The article uses ReLU6 for RE; the paper uses ReLU. */
const nonlinearities: Record<V3Block["nonlinearity"], Activation> = { RE: "relu6", HS: "hard_swish" };

function refuse(alpha: number, found: string): never {
  throw new OptionError({
    where: "mobilenet_v3_small in flavor article",
    found: `alpha ${alpha}, with ${found}`,
    expected: "an alpha at which its channels add up, such as 0.5, 0.75, 1 or 2",
    hint: "the article's own code fails at this width too",
  });
}

export const articleV3Small = { flavors: ["article"] as Flavor[], accepts: (): Accepts => ({}), build };

/**
 * MobileNetV3-small of the article. It differs from the published network: every block expands, convolutions before
 * batch norm keep their biases, the squeeze is a quarter through dense layers with ReLU6 and a hard-swish gate, stride 2
 * pads `same`, and there is no dropout. A block adds its input only if that has the table's width, so an alpha that
 * changes the width removes residual connections. All layers are unnamed and get Keras' automatic names.
 * @throws OptionError for an alpha at which the article's own code fails: its channels do not match
 */
function build(o: ResolvedOptions): Graph {
  const b = new GraphBuilder("mobilenet_v3_small", o.inputShape);
  const l = layers(b);

  const normAndActivate = (x: string, kind: V3Block["nonlinearity"]) =>
    l.activation(l.batchNorm(x, batchNorm), nonlinearities[kind]);

  function convBlock(
    x: string,
    filters: number,
    kernel: number,
    stride: number,
    kind: V3Block["nonlinearity"],
  ): string {
    return normAndActivate(l.conv(x, filters, { kernel, stride, useBias: true }), kind);
  }

  function squeeze(input: string): string {
    const channels = l.shape(input)[3];
    let x = l.averagePool(input, false);
    x = l.activation(l.dense(x, Math.floor(channels / 4)), "relu6");
    x = l.activation(l.dense(x, channels), "hard_swish");
    return l.multiply(input, l.reshape(x, [1, 1, channels]));
  }

  function bottleneck(input: string, row: V3Block): string {
    const filters = Math.floor(row.out * o.alpha);
    if (filters < 1) refuse(o.alpha, `${row.out} channels that become none`);
    let x = convBlock(input, row.expanded, 1, 1, row.nonlinearity);
    x = l.depthwise(x, { kernel: row.kernel, stride: row.stride, useBias: true });
    x = normAndActivate(x, row.nonlinearity);
    if (row.squeeze) x = squeeze(x);
    x = l.batchNorm(l.conv(x, filters, { useBias: true }), batchNorm);
    // The article compares with the table's width, not the block's: other alphas have no residual additions.
    if (row.stride !== 1 || l.shape(input)[3] !== row.out) return x;
    return filters === row.out ? l.add(x, input) : refuse(o.alpha, `${row.out} channels added to ${filters}`);
  }

  let x = convBlock(b.input, STEM_CHANNELS, 3, 2, "HS");
  for (const row of v3Small.blocks) x = bottleneck(x, row);
  x = convBlock(x, 576, 1, 1, "HS");
  if (!o.includeTop) return b.build(pooled(l, x, o.pooling));
  x = l.reshape(l.averagePool(x, false), [1, 1, 576]);
  x = l.activation(l.conv(x, v3Small.hidden, { useBias: true }), "hard_swish");
  x = l.conv(x, o.classes, { useBias: true, activation: o.classifierActivation });
  return b.build(l.reshape(x, [o.classes]));
}
