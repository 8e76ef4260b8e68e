import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { BatchNormalizationAttrs } from "../graph/ops/batch_normalization.ts";
import { type ExplicitPadding, type Padding, symmetric } from "../graph/window.ts";
import { type Layers, layers, pooled, torchNorm } from "./layers.ts";
import type { Accepts, Flavor, ResolvedOptions } from "./options.ts";
import { makeDivisible } from "./rounding.ts";

/** Howard et al. 2017, table 1: filters of the pointwise and stride of the depthwise convolution of blocks 1 to 13. */
const blocks: readonly (readonly [filters: number, stride: 1 | 2])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

interface V1Flavor {
  readonly batchNorm: BatchNormalizationAttrs;
  readonly stemPadding: Padding;
  /** Padding of a separate layer before a depthwise convolution of stride 2. Null if the convolution pads. */
  readonly padLayer: ExplicitPadding | null;
  /** Padding of the depthwise convolutions of stride 2. */
  readonly downPadding: Padding;
  /** Channels of a layer with `filters` in the paper's table. */
  width(filters: number, alpha: number): number;
  readonly accepts: Accepts;
  top(l: Layers, x: string, o: ResolvedOptions): string;
}

/** Keras' BatchNormalization defaults. */
const kerasNorm = { epsilon: 1e-3, momentum: 0.99 };
const floored = (filters: number, alpha: number) => Math.max(1, Math.floor(filters * alpha));

const flavors: Partial<Record<Flavor, V1Flavor>> = {
  keras: {
    batchNorm: kerasNorm,
    stemPadding: "same",
    padLayer: { top: 0, bottom: 1, left: 0, right: 1 },
    downPadding: "valid",
    width: floored,
    accepts: { depthMultiplier: true, dropout: 1e-3 },
    top(l, x, o) {
      x = l.dropout(l.averagePool(x, true), o.dropout, "dropout");
      x = l.conv(x, o.classes, { name: "conv_preds", useBias: true });
      return l.activation(l.reshape(x, [o.classes], "reshape_2"), o.classifierActivation, "predictions");
    },
  },
  timm: {
    batchNorm: torchNorm,
    stemPadding: symmetric(1),
    padLayer: null,
    downPadding: symmetric(1),
    width: (filters, alpha) => makeDivisible(filters * alpha),
    accepts: {},
    top: (l, x, o) => l.dense(l.averagePool(x, false), o.classes, o.classifierActivation, "predictions"),
  },
  article: {
    batchNorm: kerasNorm,
    stemPadding: "same",
    padLayer: null,
    downPadding: "same",
    width: floored,
    accepts: { depthMultiplier: true, dropout: 1e-3 },
    top(l, x, o) {
      const channels = l.shape(x)[3];
      x = l.reshape(l.averagePool(x, false), [1, 1, channels], "reshape_1");
      x = l.conv(l.dropout(x, o.dropout, "dropout"), o.classes, { name: "conv_preds", useBias: true });
      return l.reshape(l.activation(x, o.classifierActivation, "act_softmax"), [o.classes], "reshape_2");
    },
  },
};

export const v1 = {
  flavors: Object.keys(flavors) as Flavor[],
  // All V1 weights that timm published, such as `mobilenetv1_100.ra4_e3600_r224_in1k`.
  signed: ["timm"] as Flavor[],

  accepts: (flavor: Flavor): Accepts => (flavors[flavor] as V1Flavor).accepts,

  build(o: ResolvedOptions): Graph {
    const flavor = flavors[o.flavor] as V1Flavor;
    const b = new GraphBuilder("mobilenet_v1", o.inputShape);
    const l = layers(b);
    const normAndRelu = (x: string, name: string) =>
      l.activation(l.batchNorm(x, flavor.batchNorm, `${name}_bn`), "relu6", `${name}_relu`);

    const stem = { name: "conv1", kernel: 3, stride: 2, padding: flavor.stemPadding };
    let x = normAndRelu(l.conv(b.input, flavor.width(32, o.alpha), stem), "conv1");
    blocks.forEach(([filters, stride], i) => {
      const id = i + 1;
      if (stride === 2 && flavor.padLayer) x = l.zeroPadding(x, flavor.padLayer, `conv_pad_${id}`);
      const padding = stride === 2 ? flavor.downPadding : "same";
      x = l.depthwise(x, { name: `conv_dw_${id}`, stride, padding, depthMultiplier: o.depthMultiplier });
      x = normAndRelu(x, `conv_dw_${id}`);
      x = normAndRelu(l.conv(x, flavor.width(filters, o.alpha), { name: `conv_pw_${id}` }), `conv_pw_${id}`);
    });
    return b.build(o.includeTop ? flavor.top(l, x, o) : pooled(l, x, o.pooling));
  },
};
