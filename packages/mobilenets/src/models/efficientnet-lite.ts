import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { BatchNormalizationAttrs } from "../graph/ops/batch_normalization.ts";
import { type Padding, symmetric } from "../graph/window.ts";
import { layers, pooled, torchNorm } from "./layers.ts";
import type { Accepts, Flavor, ResolvedOptions } from "./options.ts";
import { makeDivisible } from "./rounding.ts";

/**
 * EfficientNet-Lite0 (tensorflow/tpu, models/official/efficientnet/lite): the baseline of Tan and Le 2019, table 1,
 * without squeeze-and-excite and with ReLU6. Each row: expansion t, kernel k, output channels c, repeats n, stride s of
 * the first repeat.
 */
const stages: readonly (readonly [t: number, k: 3 | 5, c: number, n: number, s: 1 | 2])[] = [
  [1, 3, 16, 1, 1],
  [6, 3, 24, 2, 2],
  [6, 5, 40, 2, 2],
  [6, 3, 80, 3, 2],
  [6, 5, 112, 3, 1],
  [6, 5, 192, 4, 2],
  [6, 3, 320, 1, 1],
];

/** Lite networks of every width keep the stem and the head of the table. */
const STEM_CHANNELS = 32;
const HEAD_CHANNELS = 1280;

interface LiteFlavor {
  readonly batchNorm: BatchNormalizationAttrs;
  /** Padding of a convolution of stride 2. */
  downPadding(kernel: number): Padding;
  readonly accepts: Accepts;
}

const flavors: Partial<Record<Flavor, LiteFlavor>> = {
  tensorflow: {
    batchNorm: { epsilon: 1e-3, momentum: 0.99 },
    downPadding: () => "same",
    accepts: { dropout: 0.2 },
  },
  timm: {
    batchNorm: torchNorm,
    downPadding: (kernel) => symmetric(Math.floor(kernel / 2)),
    accepts: {},
  },
};

export const efficientnetLite0 = {
  flavors: Object.keys(flavors) as Flavor[],

  accepts: (flavor: Flavor): Accepts => (flavors[flavor] as LiteFlavor).accepts,

  /** Builds the graph with the layer names of keras.applications' EfficientNet. */
  build(o: ResolvedOptions): Graph {
    const { batchNorm, downPadding } = flavors[o.flavor] as LiteFlavor;
    const b = new GraphBuilder("efficientnet_lite0", o.inputShape);
    const l = layers(b);
    const paddingOf = (kernel: number, stride: 1 | 2) => (stride === 2 ? downPadding(kernel) : "same");
    const norm = (x: string, name: string) => l.batchNorm(x, batchNorm, name);

    function block(input: string, name: string, expansion: number, kernel: number, filters: number, stride: 1 | 2) {
      const channels = l.shape(input)[3];
      let x = input;
      if (expansion > 1) {
        x = norm(l.conv(x, expansion * channels, { name: `${name}_expand_conv` }), `${name}_expand_bn`);
        x = l.activation(x, "relu6", `${name}_expand_activation`);
      }
      x = l.depthwise(x, { name: `${name}_dwconv`, kernel, stride, padding: paddingOf(kernel, stride) });
      x = l.activation(norm(x, `${name}_bn`), "relu6", `${name}_activation`);
      x = norm(l.conv(x, filters, { name: `${name}_project_conv` }), `${name}_project_bn`);
      return stride === 1 && channels === filters ? l.add(input, x, `${name}_add`) : x;
    }

    let x = l.conv(b.input, STEM_CHANNELS, { name: "stem_conv", kernel: 3, stride: 2, padding: paddingOf(3, 2) });
    x = l.activation(norm(x, "stem_bn"), "relu6", "stem_activation");
    stages.forEach(([expansion, kernel, channels, repeats, stride], stage) => {
      const filters = makeDivisible(channels * o.alpha);
      for (let i = 0; i < repeats; i++) {
        const name = `block${stage + 1}${"abcd"[i]}`;
        x = block(x, name, expansion, kernel, filters, i === 0 ? stride : 1);
      }
    });
    x = norm(l.conv(x, HEAD_CHANNELS, { name: "top_conv" }), "top_bn");
    x = l.activation(x, "relu6", "top_activation");
    if (!o.includeTop) return b.build(pooled(l, x, o.pooling, { avg: "avg_pool", max: "max_pool" }));
    x = l.averagePool(x, false, "avg_pool");
    if (o.dropout > 0) x = l.dropout(x, o.dropout, "top_dropout");
    return b.build(l.dense(x, o.classes, o.classifierActivation, "predictions"));
  },
};
