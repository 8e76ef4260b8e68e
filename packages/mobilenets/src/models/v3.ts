import type { Activation } from "../graph/activations.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { BatchNormalizationAttrs } from "../graph/ops/batch_normalization.ts";
import { type ExplicitPadding, type Padding, symmetric } from "../graph/window.ts";
import { correctPad } from "./correct-pad.ts";
import { type Layers, layers, pooled, torchNorm } from "./layers.ts";
import type { Accepts, Flavor, ResolvedOptions } from "./options.ts";
import { makeDivisible } from "./rounding.ts";
import { STEM_CHANNELS, type V3Block, type v3Large } from "./v3-blocks.ts";

interface V3Flavor {
  readonly batchNorm: BatchNormalizationAttrs;
  /** Padding of a separate layer before a depthwise convolution of stride 2; null if the convolution pads. */
  padLayer(height: number, width: number, kernel: number): ExplicitPadding | null;
  readonly stemPadding: Padding;
  downPadding(kernel: number): Padding;
  stem(alpha: number): number;
  /** Expanded channels of a block. `input` and `tableInput`: its input channels in this network and in the table. */
  expanded(block: V3Block, input: number, tableInput: number, alpha: number): number;
  /** Channels of the last convolution before pooling. `input`: channels of the last block in this network. */
  last(input: number, tableInput: number, alpha: number): number;
  /** Channels of the hidden layer before the classifier. */
  hidden(channels: number, alpha: number): number;
  readonly accepts: Accepts;
}

/** In both of the paper's tables the last convolution has six times its input's channels. */
const LAST_EXPANSION = 6;

/** Keras and timm expand from the rounded width, torchvision from the table's. */
const expandedFromInput: V3Flavor["expanded"] = (block, input, tableInput) =>
  makeDivisible(input * (block.expanded / tableInput));
const lastFromInput: V3Flavor["last"] = (input) => makeDivisible(input * LAST_EXPANSION);

const symmetricPadding = {
  padLayer: () => null,
  stemPadding: symmetric(1),
  downPadding: (kernel: number) => symmetric(Math.floor(kernel / 2)),
};

const flavors: Partial<Record<Flavor, V3Flavor>> = {
  keras: {
    batchNorm: { epsilon: 1e-3, momentum: 0.999 },
    padLayer: correctPad,
    stemPadding: "same",
    downPadding: () => "valid",
    // Keras does not scale the stem, and scales the hidden layer only for alpha > 1.
    stem: () => STEM_CHANNELS,
    expanded: expandedFromInput,
    last: lastFromInput,
    hidden: (channels, alpha) => (alpha > 1 ? makeDivisible(channels * alpha) : channels),
    accepts: { dropout: 0.2, minimalistic: true, includePreprocessing: true },
  },
  torchvision: {
    ...symmetricPadding,
    batchNorm: { ...torchNorm, epsilon: 1e-3, momentum: 0.99 },
    stem: (alpha) => makeDivisible(STEM_CHANNELS * alpha),
    expanded: (block, _input, _tableInput, alpha) => makeDivisible(block.expanded * alpha),
    last: lastFromInput,
    hidden: (channels, alpha) => makeDivisible(channels * alpha),
    accepts: { dropout: 0.2 },
  },
  timm: {
    ...symmetricPadding,
    batchNorm: torchNorm,
    stem: (alpha) => (alpha < 0.75 ? STEM_CHANNELS : makeDivisible(STEM_CHANNELS * alpha)),
    expanded: expandedFromInput,
    last: (_input, tableInput, alpha) => makeDivisible(tableInput * LAST_EXPANSION * alpha),
    hidden: (channels) => channels,
    accepts: {},
  },
};

/** The network of one of the paper's tables, in all flavours of this file. */
export const v3 = (name: string, table: typeof v3Large) => ({
  flavors: Object.keys(flavors) as Flavor[],
  accepts: (flavor: Flavor): Accepts => (flavors[flavor] as V3Flavor).accepts,
  build: (o: ResolvedOptions): Graph => buildV3(name, table, o),
});

/** MobileNetV3 as keras.applications, torchvision and timm define it, from one of the paper's tables. */
function buildV3(name: string, table: typeof v3Large, o: ResolvedOptions): Graph {
  const flavor = flavors[o.flavor] as V3Flavor;
  const b = new GraphBuilder(name, o.inputShape);
  const l = layers(b);
  const norm = (x: string, layer: string) => l.batchNorm(x, flavor.batchNorm, layer);
  const late: "RE" | "HS" = o.minimalistic ? "RE" : "HS";

  function block(input: string, row: V3Block, id: number): string {
    const prefix = id === 0 ? "expanded_conv_" : `expanded_conv_${id}_`;
    const channels = l.shape(input)[3];
    const tableInput = id === 0 ? STEM_CHANNELS : table.blocks[id - 1].out;
    const act = row.nonlinearity === "HS" ? late : "RE";
    const kernel = o.minimalistic ? 3 : row.kernel;
    let x = input;
    const expanded = flavor.expanded(row, channels, tableInput, o.alpha);
    // All libraries leave out an expansion that would not widen: the first block's, from 16 to 16 channels in the
    // table, and torchvision's second one if a small alpha rounds both widths to 8.
    if (expanded !== channels) {
      x = nonlinearity(l, norm(l.conv(x, expanded, { name: `${prefix}expand` }), `${prefix}expand_bn`), act);
    }
    const [, height, width] = l.shape(x);
    const pad = row.stride === 2 && flavor.padLayer(height, width, kernel);
    if (pad) x = l.zeroPadding(x, pad, `${prefix}depthwise_pad`);
    const padding = row.stride === 2 ? flavor.downPadding(kernel) : "same";
    x = l.depthwise(x, { name: `${prefix}depthwise`, kernel, stride: row.stride, padding });
    x = nonlinearity(l, norm(x, `${prefix}depthwise_bn`), act);
    if (row.squeeze && !o.minimalistic) x = squeezeAndExcite(l, x, prefix);
    const filters = makeDivisible(row.out * o.alpha);
    x = norm(l.conv(x, filters, { name: `${prefix}project` }), `${prefix}project_bn`);
    return row.stride === 1 && channels === filters ? l.add(input, x, `${prefix}add`) : x;
  }

  // Keras' Rescaling layer: 0..255 to -1..1.
  let x = o.includePreprocessing ? l.rescaling(b.input, 1 / 127.5, -1) : b.input;
  x = l.conv(x, flavor.stem(o.alpha), { name: "conv", kernel: 3, stride: 2, padding: flavor.stemPadding });
  x = nonlinearity(l, norm(x, "conv_bn"), late);
  table.blocks.forEach((row, id) => {
    x = block(x, row, id);
  });
  const last = flavor.last(l.shape(x)[3], table.blocks[table.blocks.length - 1].out, o.alpha);
  x = norm(l.conv(x, last, { name: "conv_1" }), "conv_1_bn");
  x = nonlinearity(l, x, late);
  if (!o.includeTop) return b.build(pooled(l, x, o.pooling, { avg: "avg_pool", max: "max_pool" }));
  x = l.averagePool(x, true);
  x = l.conv(x, flavor.hidden(table.hidden, o.alpha), { name: "conv_2", useBias: true });
  x = nonlinearity(l, x, late);
  if (o.dropout > 0) x = l.dropout(x, o.dropout);
  x = l.flatten(l.conv(x, o.classes, { name: "logits", useBias: true }));
  return b.build(l.activation(x, o.classifierActivation, "predictions"));
}

function nonlinearity(l: Layers, x: string, kind: "RE" | "HS"): string {
  const activation: Activation = kind === "HS" ? "hard_swish" : "relu";
  return l.activation(x, activation, kind === "HS" ? undefined : l.autoName("re_lu"));
}

/** Section 5.3: squeeze to a quarter, ReLU, excite through a hard sigmoid. */
function squeezeAndExcite(l: Layers, input: string, prefix: string): string {
  const channels = l.shape(input)[3];
  let x = l.averagePool(input, true, `${prefix}squeeze_excite_avg_pool`);
  x = l.conv(x, makeDivisible(channels / 4), { name: `${prefix}squeeze_excite_conv`, useBias: true });
  x = l.activation(x, "relu", `${prefix}squeeze_excite_relu`);
  x = l.conv(x, channels, { name: `${prefix}squeeze_excite_conv_1`, useBias: true });
  // Keras computes the hard sigmoid as `ReLU(6)(x + 3) * (1/6)`: its last op, an automatic `multiply`, names our node,
  // and the ReLU takes a number of the `re_lu` series.
  l.autoName("re_lu");
  x = l.activation(x, "hard_sigmoid", l.autoName("multiply"));
  return l.multiply(input, x, `${prefix}squeeze_excite_mul`);
}
