import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { BatchNormalizationAttrs } from "../graph/ops/batch_normalization.ts";
import { type ExplicitPadding, type Padding, symmetric } from "../graph/window.ts";
import { correctPad } from "./correct-pad.ts";
import { layers, pooled, torchNorm } from "./layers.ts";
import type { Accepts, Flavor, ResolvedOptions } from "./options.ts";
import { makeDivisible } from "./rounding.ts";

/** Sandler et al. 2018, table 2: expansion t, output channels c, repeats n, stride s of the first repeat. */
const stages: readonly (readonly [t: number, c: number, n: number, s: 1 | 2])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

interface V2Flavor {
  readonly batchNorm: BatchNormalizationAttrs;
  /** Padding of a separate ZeroPadding2D layer before a convolution of stride 2; null if the convolution pads. */
  padLayer(height: number, width: number): ExplicitPadding | null;
  /** The stem's padding: a layer `Conv1_pad`, or the convolution's own. */
  readonly stem: { readonly padLayer: ExplicitPadding | null; readonly padding: Padding };
  /** Padding of depthwise convolutions of stride 2 that have no pad layer. */
  readonly downPadding: Padding;
  /** Output channels of a block. */
  width(channels: number, alpha: number): number;
  readonly classifier: string;
  /** Activation. Default ReLU6, as in the paper. */
  readonly nonlinearity?: "relu";
  /** Published rate of dropout before the classifier, if there is such a layer. */
  readonly dropout?: number;
}

const tensorflowNorm = { epsilon: 1e-3, momentum: 0.999 };

const torchFlavor: V2Flavor = {
  batchNorm: torchNorm,
  padLayer: () => null,
  stem: { padLayer: null, padding: symmetric(1) },
  downPadding: symmetric(1),
  width: (channels, alpha) => makeDivisible(channels * alpha),
  classifier: "predictions",
};

const torchvision: V2Flavor = { ...torchFlavor, dropout: 0.2 };

const flavors: Partial<Record<Flavor, V2Flavor>> = {
  keras: {
    batchNorm: tensorflowNorm,
    padLayer: (height, width) => correctPad(height, width, 3),
    stem: { padLayer: null, padding: "same" },
    downPadding: "valid",
    width: (channels, alpha) => makeDivisible(Math.floor(channels * alpha)),
    classifier: "predictions",
  },
  torchvision,
  timm: torchFlavor,
  article: {
    batchNorm: tensorflowNorm,
    padLayer: () => symmetric(1),
    stem: { padLayer: symmetric(1), padding: "valid" },
    downPadding: "valid",
    width: (channels, alpha) => makeDivisible(Math.floor(channels * alpha)),
    classifier: "Logits",
  },
  torchvision_quantizable: { ...torchvision, nonlinearity: "relu" },
};

export const v2 = {
  flavors: Object.keys(flavors) as Flavor[],

  accepts: (flavor: Flavor): Accepts => ({ dropout: (flavors[flavor] as V2Flavor).dropout }),

  build(o: ResolvedOptions): Graph {
    const flavor = flavors[o.flavor] as V2Flavor;
    const { nonlinearity = "relu6" } = flavor;
    const b = new GraphBuilder("mobilenet_v2", o.inputShape);
    const l = layers(b);
    const norm = (x: string, name: string) => l.batchNorm(x, flavor.batchNorm, name);

    function invertedResidual(input: string, id: number, expansion: number, filters: number, stride: 1 | 2): string {
      const prefix = id === 0 ? "expanded_conv_" : `block_${id}_`;
      const channels = l.shape(input)[3];
      let x = input;
      if (id > 0) {
        x = norm(l.conv(x, expansion * channels, { name: `${prefix}expand` }), `${prefix}expand_BN`);
        x = l.activation(x, nonlinearity, `${prefix}expand_relu`);
      }
      const [, height, width] = l.shape(x);
      const pad = stride === 2 && flavor.padLayer(height, width);
      if (pad) x = l.zeroPadding(x, pad, `${prefix}pad`);
      const padding = stride === 2 ? flavor.downPadding : "same";
      x = norm(l.depthwise(x, { name: `${prefix}depthwise`, stride, padding }), `${prefix}depthwise_BN`);
      x = l.activation(x, nonlinearity, `${prefix}depthwise_relu`);
      x = norm(l.conv(x, filters, { name: `${prefix}project` }), `${prefix}project_BN`);
      return stride === 1 && channels === filters ? l.add(input, x, `${prefix}add`) : x;
    }

    const { padLayer, padding } = flavor.stem;
    let x = padLayer ? l.zeroPadding(b.input, padLayer, "Conv1_pad") : b.input;
    x = norm(l.conv(x, makeDivisible(32 * o.alpha), { name: "Conv1", kernel: 3, stride: 2, padding }), "bn_Conv1");
    x = l.activation(x, nonlinearity, "Conv1_relu");
    let id = 0;
    for (const [expansion, channels, repeats, stride] of stages) {
      const filters = flavor.width(channels, o.alpha);
      for (let i = 0; i < repeats; i++) x = invertedResidual(x, id++, expansion, filters, i === 0 ? stride : 1);
    }
    // The paper narrows every layer except the last convolution, which only an alpha above 1 widens (section 6.1).
    x = norm(l.conv(x, makeDivisible(1280 * Math.max(1, o.alpha)), { name: "Conv_1" }), "Conv_1_bn");
    x = l.activation(x, nonlinearity, "out_relu");
    if (!o.includeTop) return b.build(pooled(l, x, o.pooling));
    x = l.averagePool(x, false);
    if (flavor.dropout !== undefined) x = l.dropout(x, o.dropout);
    return b.build(l.dense(x, o.classes, o.classifierActivation, flavor.classifier));
  },
};
