import { wordFor } from "../words.ts";

/** Texts of the drawings of convolutions, blocks and gates. A page in another language has its own. */
export interface FigureWords {
  readonly input: string;
  readonly fromStep1: string;
  readonly output: string;
  readonly kernels: (count: number) => string;
  readonly each: (size: string) => string;
  /** A convolution's text for screen readers. */
  readonly convolution: (
    kind: "standard" | "depthwise" | "pointwise",
    kernels: number,
    size: string,
    weights: number,
  ) => string;
  readonly resnet: string;
  readonly block: (kind: "inverted" | "separable", title: string) => string;
  readonly channels: (count: number) => string;
  /** Parts of a layer's label, such as `3x3 depthwise`, `stride 2`, `ReLU6`. */
  readonly depthwise: (window: string) => string;
  readonly stride: (stride: number) => string;
  readonly squeeze: string;
  readonly linear: string;
  readonly activation: (name: string) => string;
  readonly plusInput: string;
  readonly blockTitle: (title: string, channels: readonly number[]) => string;
  readonly gateTitle: (sizes: readonly number[]) => string;
  readonly averages: string;
  readonly numbersRead: (count: string) => string;
  readonly layer: (from: number, to: number, activation: string) => string;
  readonly layerWeights: (kernel: string, biases: number) => string;
  readonly timesFactor: string;
}

const kinds = { standard: "Standard", depthwise: "Depthwise", pointwise: "Pointwise" } as const;
const reads = {
  standard: "Each reads all channels.",
  depthwise: "Each reads one channel.",
  pointwise: "Each mixes the channels of one pixel.",
} as const;

export const english: FigureWords = {
  input: "input",
  fromStep1: "from step 1",
  output: "output",
  kernels: (count) => `${count} kernels`,
  each: (size) => `each ${size}`,
  convolution: (kind, kernels, size, weights) =>
    `${kinds[kind]} convolution: ${kernels} kernels of ${size}, ${weights} weights. ${reads[kind]}`,
  resnet: "ResNet bottleneck",
  block: (kind, title) => `${kind === "inverted" ? "inverted residual" : "depthwise-separable block"}: ${title}`,
  channels: (count) => `${count} channels`,
  depthwise: (window) => `${window} depthwise`,
  stride: (stride) => `stride ${stride}`,
  squeeze: "squeeze",
  linear: "linear",
  activation: wordFor,
  plusInput: "plus the input",
  blockTitle: (title, channels) => `${title}: ${channels.join(", ")} channels`,
  gateTitle: (sizes) => `Squeeze-and-excite: ${sizes.join(" to ")} numbers`,
  averages: "average of each channel",
  numbersRead: (count) => `${count} numbers read`,
  layer: (from, to, activation) => `${from} to ${to}, ${activation}`,
  layerWeights: (kernel, biases) => `${kernel} + ${biases} weights`,
  timesFactor: "each channel times its factor",
};
