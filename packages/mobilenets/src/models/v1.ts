import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { ExplicitPadding } from "../graph/window.ts";
import { type Layers, layers, pooled } from "./layers.ts";
import type { Accepts, Flavor, ResolvedOptions } from "./options.ts";

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

/** Keras' BatchNormalization defaults, which both flavours leave alone. */
const batchNorm = { epsilon: 1e-3, momentum: 0.99 };

interface V1Flavor {
  /** Zeros put before a depthwise convolution of stride 2 by a layer of its own; null where it pads `same`. */
  readonly downPadding: ExplicitPadding | null;
  top(l: Layers, x: string, o: ResolvedOptions): string;
}

const flavors: Partial<Record<Flavor, V1Flavor>> = {
  keras: {
    downPadding: { top: 0, bottom: 1, left: 0, right: 1 },
    top(l, x, o) {
      x = l.dropout(l.averagePool(x, true), o.dropout, "dropout");
      x = l.conv(x, o.classes, { name: "conv_preds", useBias: true });
      return l.activation(l.reshape(x, [o.classes], "reshape_2"), o.classifierActivation, "predictions");
    },
  },
  article: {
    downPadding: null,
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

  accepts: (): Accepts => ({ depthMultiplier: true, dropout: 1e-3 }),

  build(o: ResolvedOptions): Graph {
    const flavor = flavors[o.flavor] as V1Flavor;
    const b = new GraphBuilder("mobilenet_v1", o.inputShape);
    const l = layers(b);
    const width = (filters: number) => Math.max(1, Math.floor(filters * o.alpha));
    const normAndRelu = (x: string, name: string) =>
      l.activation(l.batchNorm(x, batchNorm, `${name}_bn`), "relu6", `${name}_relu`);

    let x = normAndRelu(l.conv(b.input, width(32), { name: "conv1", kernel: 3, stride: 2 }), "conv1");
    blocks.forEach(([filters, stride], i) => {
      const id = i + 1;
      const pad = stride === 2 && flavor.downPadding;
      if (pad) x = l.zeroPadding(x, pad, `conv_pad_${id}`);
      const padding = pad ? "valid" : "same";
      x = l.depthwise(x, { name: `conv_dw_${id}`, stride, padding, depthMultiplier: o.depthMultiplier });
      x = normAndRelu(x, `conv_dw_${id}`);
      x = normAndRelu(l.conv(x, width(filters), { name: `conv_pw_${id}` }), `conv_pw_${id}`);
    });
    return b.build(o.includeTop ? flavor.top(l, x, o) : pooled(l, x, o.pooling));
  },
};
