import { OptionError } from "../errors.ts";

/** A convolution by its sizes: zeros around the map as in TensorFlow's `same`, no bias. All sizes are integers >= 1. */
export interface ConvolutionSizes {
  /** Pixels of the input map. */
  readonly height: number;
  readonly width: number;
  /** Channels of the input map, N. */
  readonly channels: number;
  /** Channels of the output map, M. */
  readonly filters: number;
  /** Pixels on a side of the window, k. */
  readonly kernel: number;
  /** Pixels from one window to the next. Default 1. */
  readonly stride?: number;
}

/** One convolution: its kernels and what they cost. */
export interface ConvolutionCost {
  readonly kernels: number;
  /** `[height, width, channels]` of each kernel. */
  readonly kernelShape: readonly [number, number, number];
  /** `kernels` times the numbers in each. */
  readonly weights: number;
  /** Multiply-adds for one picture: each weight once per output pixel. */
  readonly macs: number;
  /** Numbers of maps read and written for one picture: the whole input once, the whole output once. */
  readonly values: number;
}

/** A standard convolution beside the depthwise and the pointwise one that replace it. */
export interface ConvolutionComparison {
  readonly sizes: Required<ConvolutionSizes>;
  /** `[height, width, channels]` of the result. */
  readonly output: readonly [number, number, number];
  /** M kernels of k x k x N. */
  readonly standard: ConvolutionCost;
  /** N kernels of k x k x 1, one for each input channel. */
  readonly depthwise: ConvolutionCost;
  /** M kernels of 1 x 1 x N. */
  readonly pointwise: ConvolutionCost;
  /** Depthwise and pointwise together. */
  readonly separable: { readonly weights: number; readonly macs: number; readonly values: number };
  /** Weights of the separable pair as a share of the standard convolution's, `1/M + 1/k^2`; of multiply-adds it is the same share. */
  readonly share: number;
}

/** The article's first example: 5x5 pixels, 3 channels to 4 by 3x3 windows; 108 weights become 39. */
export const articleExample: ConvolutionSizes = { height: 5, width: 5, channels: 3, filters: 4, kernel: 3 };

/**
 * Compares the costs of a standard and a depthwise-separable convolution of the same sizes (Howard et al. 2017,
 * section 3.1): `k*k*N*M` weights against `k*k*N + N*M`.
 * @throws OptionError for a size that is no integer >= 1
 */
export function compareConvolutions(sizes: ConvolutionSizes): ConvolutionComparison {
  const { height, width, channels, filters, kernel, stride = 1 } = sizes;
  for (const [name, value] of Object.entries({ height, width, channels, filters, kernel, stride })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new OptionError({ where: "convolution", found: `${name} ${value}`, expected: "an integer >= 1" });
  }
  const input = height * width * channels;
  const pixels = Math.ceil(height / stride) * Math.ceil(width / stride);
  const between = pixels * channels;
  const result = pixels * filters;
  const cost = (kernels: number, kernelShape: [number, number, number], values: number): ConvolutionCost => {
    const weights = kernels * kernelShape[0] * kernelShape[1] * kernelShape[2];
    return { kernels, kernelShape, weights, macs: weights * pixels, values };
  };
  const standard = cost(filters, [kernel, kernel, channels], input + result);
  const depthwise = cost(channels, [kernel, kernel, 1], input + between);
  const pointwise = cost(filters, [1, 1, channels], between + result);
  const weights = depthwise.weights + pointwise.weights;
  return {
    sizes: { height, width, channels, filters, kernel, stride },
    output: [Math.ceil(height / stride), Math.ceil(width / stride), filters],
    standard,
    depthwise,
    pointwise,
    separable: { weights, macs: depthwise.macs + pointwise.macs, values: depthwise.values + pointwise.values },
    share: weights / standard.weights,
  };
}
