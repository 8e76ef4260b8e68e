import type { Activation } from "../graph/activations.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { activation as activationOp } from "../graph/ops/activation.ts";
import { add as addOp } from "../graph/ops/add.ts";
import { type BatchNormalizationAttrs, batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense as denseOp } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { dropout as dropoutOp } from "../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { multiply as multiplyOp } from "../graph/ops/multiply.ts";
import { rescaling as rescalingOp } from "../graph/ops/rescaling.ts";
import { reshape as reshapeOp } from "../graph/ops/reshape.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import type { ExplicitPadding, Padding } from "../graph/window.ts";

/** Defaults of PyTorch's BatchNorm2d; its `momentum` 0.1 is the share of the new statistics, Keras' that of the old. */
export const torchNorm: BatchNormalizationAttrs = { epsilon: 1e-5, momentum: 0.9, unbiased: true };

interface ConvOptions {
  name?: string;
  kernel?: number;
  stride?: number;
  padding?: Padding;
  useBias?: boolean;
  activation?: Activation;
}

/**
 * The Keras layers of MobileNets. Each function adds a layer and returns its name; a layer without a name gets Keras'
 * automatic one.
 */
export function layers(b: GraphBuilder) {
  return {
    shape: b.shapeOf.bind(b),
    autoName: b.autoName.bind(b),

    conv(x: string, filters: number, o: ConvOptions = {}): string {
      const { kernel = 1, stride = 1, padding = "same", useBias = false, activation = "linear" } = o;
      return b.add(conv2d, o.name ?? b.autoName("conv2d"), [x], {
        filters,
        kernelSize: [kernel, kernel],
        strides: [stride, stride],
        padding,
        useBias,
        activation,
      });
    },

    depthwise(x: string, o: ConvOptions & { depthMultiplier?: number } = {}): string {
      const { kernel = 3, stride = 1, padding = "same", useBias = false, depthMultiplier = 1 } = o;
      return b.add(depthwiseConv2d, o.name ?? b.autoName("depthwise_conv2d"), [x], {
        kernelSize: [kernel, kernel],
        strides: [stride, stride],
        padding,
        depthMultiplier,
        useBias,
        activation: "linear",
      });
    },

    batchNorm(x: string, attrs: BatchNormalizationAttrs, name = b.autoName("batch_normalization")): string {
      return b.add(batchNormalization, name, [x], attrs);
    },

    activation(x: string, activation: Activation, name = b.autoName("activation")): string {
      return b.add(activationOp, name, [x], { activation });
    },

    zeroPadding(x: string, padding: ExplicitPadding, name = b.autoName("zero_padding2d")): string {
      return b.add(zeroPadding2d, name, [x], { padding });
    },

    averagePool(x: string, keepdims: boolean, name = b.autoName("global_average_pooling2d")): string {
      return b.add(globalAveragePooling2d, name, [x], { keepdims });
    },

    maxPool(x: string, keepdims: boolean, name = b.autoName("global_max_pooling2d")): string {
      return b.add(globalMaxPooling2d, name, [x], { keepdims });
    },

    dense(x: string, units: number, activation: Activation = "linear", name = b.autoName("dense")): string {
      return b.add(denseOp, name, [x], { units, useBias: true, activation });
    },

    add: (x: string, y: string, name = b.autoName("add")) => b.add(addOp, name, [x, y], {}),

    multiply: (x: string, gate: string, name = b.autoName("multiply")) => b.add(multiplyOp, name, [x, gate], {}),

    reshape: (x: string, target: readonly number[], name = b.autoName("reshape")) =>
      b.add(reshapeOp, name, [x], { target }),

    flatten: (x: string, name = b.autoName("flatten")) => b.add(reshapeOp, name, [x], { target: [-1] }),

    dropout: (x: string, rate: number, name = b.autoName("dropout")) => b.add(dropoutOp, name, [x], { rate }),

    rescaling: (x: string, scale: number, offset: number, name = b.autoName("rescaling")) =>
      b.add(rescalingOp, name, [x], { scale, offset }),
  };
}

export type Layers = ReturnType<typeof layers>;

/** The end of a network without its classifier, by the `pooling` option of keras.applications. */
export function pooled(
  l: Layers,
  x: string,
  pooling: "avg" | "max" | null,
  names?: { avg: string; max: string },
): string {
  if (pooling === "avg") return l.averagePool(x, false, names?.avg);
  if (pooling === "max") return l.maxPool(x, false, names?.max);
  return x;
}
