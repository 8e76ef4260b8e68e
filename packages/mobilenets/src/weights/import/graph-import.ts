import { reshaped } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Attrs, Program } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { dense } from "../../graph/ops/dense.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../graph/ops/log_softmax.ts";
import { multiply } from "../../graph/ops/multiply.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { type Pooling2dAttrs, pooling2d } from "../../graph/ops/pooling2d.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { type Resize2dAttrs, resize2d } from "../../graph/ops/resize2d.ts";
import { unary } from "../../graph/ops/unary.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import type { UnaryFunction } from "../../graph/unary-functions.ts";
import type { ExplicitPadding, WindowAttrs } from "../../graph/window.ts";
import {
  formatShape,
  type Shape,
  type Stored,
  sameShape,
  sizeOf,
  type Tensor,
  type TensorData,
  tensor,
} from "../../tensor.ts";

/** An operand of a file's operator: another operator's result, or a constant. */
export type Operand = { readonly value: string } | { readonly constant: Constant };

/** A constant's real numbers, and the integers with scales per output that the file may store instead. */
export interface Constant extends Tensor {
  readonly stored?: Stored;
}

type Window = Omit<WindowAttrs, "kernelSize">;

const ZERO: Operand = { constant: tensor([], [0]) };

/**
 * Builds a program from the operators of a TensorFlow or TFLite file, one after the other. Those libraries have general
 * arithmetic, while we have layers: adding or multiplying a constant becomes a rescaling or, if it differs by channel, a
 * batch norm.
 *
 * Every method takes a name for the result, appends `_1`, `_2`... if it is taken, and returns the final name. All throw
 * WeightsError for operands that do not fit the operator, which the error names.
 */
export class GraphImport {
  readonly #builder: GraphBuilder;
  readonly #weights: Record<string, Tensor> = {};
  readonly #stored: Record<string, Tensor<TensorData>> = {};
  readonly #names: Set<string>;
  readonly #where: string;

  /** @param inputShape one picture, `[height, width, channels]` */
  constructor(name: string, inputName: string, inputShape: Shape, where: string) {
    this.#builder = new GraphBuilder(name, inputShape, inputName);
    this.#names = new Set([inputName]);
    this.#where = where;
  }

  get input(): string {
    return this.#builder.input;
  }

  /** Shape of a value at batch size 1. */
  shapeOf(value: string): Shape {
    return this.#builder.shapeOf(value);
  }

  build(output: string): Program {
    return { graph: this.#builder.build(output), weights: this.#weights };
  }

  /** Parameters that the file stores as integers. */
  get stored(): Readonly<Record<string, Tensor<TensorData>>> {
    return this.#stored;
  }

  /** @param kernel [kh,kw,in,filters] */
  conv(name: string, x: string, kernel: Constant, bias: Constant | undefined, window: Window, act: Activation): string {
    this.#needRank(name, kernel, 4);
    const [kh, kw, , filters] = kernel.shape;
    const attrs = { ...window, kernelSize: [kh, kw] as const, filters, useBias: bias !== undefined, activation: act };
    return this.#convolution(conv2d, name, x, attrs, { kernel, bias });
  }

  /** @param kernel [kh,kw,c,multiplier] */
  depthwise(
    name: string,
    x: string,
    kernel: Constant,
    bias: Constant | undefined,
    window: Window,
    act: Activation,
  ): string {
    this.#needRank(name, kernel, 4);
    const [kh, kw, , depthMultiplier] = kernel.shape;
    const kernelSize = [kh, kw] as const;
    const attrs = { ...window, kernelSize, depthMultiplier, useBias: bias !== undefined, activation: act };
    return this.#convolution(depthwiseConv2d, name, x, attrs, { depthwise_kernel: kernel, bias });
  }

  /** @param kernel [in,units]; a map is flattened first */
  dense(name: string, x: string, kernel: Constant, bias: Constant | undefined, act: Activation): string {
    this.#needRank(name, kernel, 2);
    const flat = this.shapeOf(x).length === 2 ? x : this.reshape(`${name}/flat`, x, [-1]);
    const attrs = { units: kernel.shape[1], useBias: bias !== undefined, activation: act };
    return this.#layer(dense, name, flat, attrs, { kernel, bias });
  }

  activation(name: string, x: string, act: Activation): string {
    return act === "linear" ? x : this.#add(activation, name, [x], { activation: act });
  }

  add(name: string, a: Operand, b: Operand): string {
    if ("value" in a && "value" in b) return this.#add(add, name, [a.value, b.value], {});
    return this.affine(name, ...this.#valueFirst(name, a, b, (constant) => [1, constant]));
  }

  /** `a - b` */
  subtract(name: string, a: Operand, b: Operand): string {
    if ("value" in b) return this.add(name, a, { value: this.affine(`${name}/minus`, b.value, -1, 0) });
    return this.add(name, a, {
      constant: tensor(
        b.constant.shape,
        b.constant.data.map((x) => -x),
      ),
    });
  }

  multiply(name: string, a: Operand, b: Operand): string {
    if ("value" in a && "value" in b) {
      // Other libraries broadcast either factor; our op takes the map first and the gate second.
      const [first, second] = [this.shapeOf(a.value), this.shapeOf(b.value)];
      const gateFirst = !sameShape(first, second) && sameShape(first, [second[0], 1, 1, second[3]]);
      return this.#add(multiply, name, gateFirst ? [b.value, a.value] : [a.value, b.value], {});
    }
    return this.affine(name, ...this.#valueFirst(name, a, b, (constant) => [constant, 0]));
  }

  /** `a / b` */
  divide(name: string, a: Operand, b: Operand): string {
    if (!("constant" in b)) return this.#refuse(name, "a division of one result by another", "a constant");
    return this.multiply(name, a, {
      constant: tensor(
        b.constant.shape,
        b.constant.data.map((x) => 1 / x),
      ),
    });
  }

  /** The elementwise maximum. */
  maximum(name: string, a: Operand, b: Operand): string {
    const least = "constant" in a ? a : b;
    if ("constant" in least && least.constant.data.every((x) => x < -1e30)) return this.add(name, a, ZERO);
    const more = this.subtract(`${name}/more`, a, b);
    return this.add(name, { value: this.activation(`${name}/relu`, more, "relu") }, b);
  }

  /** The elementwise minimum. */
  minimum(name: string, a: Operand, b: Operand): string {
    if ("value" in b && "constant" in a) return this.minimum(name, b, a);
    const more = this.activation(`${name}/relu`, this.subtract(`${name}/more`, a, b), "relu");
    return this.subtract(name, a, { value: more });
  }

  /** x, or x times a slope for x below 0. @param slopes one for all channels, or one for each */
  prelu(name: string, x: string, slopes: Tensor): string {
    const slope = scalarOf(slopes);
    if (slope !== undefined) return this.unary(name, x, "leaky_relu", slope);
    const channels = this.shapeOf(x).at(-1);
    if (slopes.data.length !== channels) this.#refuse(name, `${slopes.data.length} slopes`, `1 or ${channels}`);
    const vector = (data: Float32Array) => ({ data, shape: [data.length] });
    const above = this.activation(`${name}/above`, x, "relu");
    const rest = this.affine(`${name}/rest`, above, vector(slopes.data.map((s) => 1 - s)), 0);
    return this.add(name, { value: this.affine(`${name}/slope`, x, vector(slopes.data), 0) }, { value: rest });
  }

  /** `x * scale + offset`, each with one number for all channels or one for each. */
  affine(name: string, x: string, scale: Tensor | number, offset: Tensor | number): string {
    const channels = this.shapeOf(x).at(-1) as number;
    const [factor, term] = [scale, offset].map((c) => (typeof c === "number" ? c : scalarOf(c)));
    if (factor !== undefined && term !== undefined) {
      return this.#add(rescaling, name, [x], { scale: factor, offset: term });
    }
    const vector = (c: Tensor | number) => {
      const filled = tensor([channels]);
      if (typeof c === "number" || c.data.length === 1) return filled.data.fill(typeof c === "number" ? c : c.data[0]);
      if (c.data.length === channels && c.shape.at(-1) === channels) return c.data;
      return this.#refuse(name, `a constant of shape ${formatShape(c.shape)}`, `one number, or ${channels}`);
    };
    const ones = new Float32Array(channels).fill(1);
    return this.norm(name, x, vector(scale), vector(offset), new Float32Array(channels), ones, 0);
  }

  /** Batch norm of inference; every vector has one number per channel. */
  norm(
    name: string,
    x: string,
    gamma: Float32Array,
    beta: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    epsilon: number,
  ): string {
    const vectors = { gamma, beta, moving_mean: mean, moving_variance: variance };
    const weights = Object.entries(vectors).map(([key, data]) => [key, { data, shape: [data.length] }]);
    const attrs = { epsilon, momentum: 0.99 };
    return this.#layer(batchNormalization, name, x, attrs, Object.fromEntries(weights));
  }

  /** An activation that is never built in. @param alpha for functions with a parameter */
  unary(name: string, x: string, f: UnaryFunction, alpha?: number): string {
    return this.#add(unary, name, [x], { function: f, ...(alpha !== undefined && { alpha }) });
  }

  /** The logarithm of the softmax of each row of channels. */
  logSoftmax(name: string, x: string): string {
    return this.#add(logSoftmax, name, [x], {});
  }

  /** x clipped to 0..limit, for a limit >= 0. */
  reluUpTo(name: string, x: string, limit: number): string {
    if (!(limit > 0)) this.#refuse(name, `a limit of ${limit}`, "one above 0");
    if (limit === 6) return this.activation(name, x, "relu6");
    const scaled = this.affine(`${name}/to_6`, x, 6 / limit, 0);
    return this.affine(name, this.activation(`${name}/relu6`, scaled, "relu6"), limit / 6, 0);
  }

  /** x clamped to `least`..`most`. */
  clip(name: string, x: string, least: number, most: number): string {
    const shifted = this.affine(`${name}/shifted`, x, 1, -least);
    return this.affine(name, this.reluUpTo(`${name}/bounded`, shifted, most - least), 1, least);
  }

  /** Mean or maximum of each window without padding pixels. A window over the whole map becomes a global pooling. */
  poolWindow(name: string, x: string, attrs: Pooling2dAttrs): string {
    const [, height, width] = this.shapeOf(x);
    const whole = sameShape(attrs.kernelSize, [height, width]);
    const { padding, strides } = attrs;
    if (whole && (padding === "valid" || (padding === "same" && strides[0] >= height && strides[1] >= width))) {
      return this.pool(name, x, attrs.kind, true);
    }
    return this.#add(pooling2d, name, [x], attrs);
  }

  /** Resize with half-pixel centres, without antialias. */
  resize(name: string, x: string, attrs: Resize2dAttrs): string {
    const [, height, width] = this.shapeOf(x);
    return height === attrs.height && width === attrs.width ? x : this.#add(resize2d, name, [x], attrs);
  }

  /** Concatenation along the channels. */
  concatenate(name: string, values: readonly string[]): string {
    return values.length === 1 ? values[0] : this.#add(concatenate, name, values, {});
  }

  /** A map without `padding` pixels at its edges. */
  crop(name: string, x: string, padding: ExplicitPadding): string {
    if (Object.values(padding).every((n) => n === 0)) return x;
    return this.#add(cropping2d, name, [x], { padding });
  }

  /** Normalises each row of channels by its length, or by its mean and deviation. */
  normalise(name: string, x: string, kind: "length" | "variance", epsilon: number): string {
    return this.#add(normalizeRows, name, [x], { kind, epsilon });
  }

  layerNorm(name: string, x: string, gamma: Tensor, beta: Tensor, epsilon: number): string {
    return this.#layer(layerNormalization, name, x, { epsilon }, { gamma, beta });
  }

  pool(name: string, x: string, kind: "average" | "max", keepdims: boolean): string {
    return this.#add(kind === "average" ? globalAveragePooling2d : globalMaxPooling2d, name, [x], { keepdims });
  }

  /** @param target shape of one item, without the batch */
  reshape(name: string, x: string, target: readonly number[]): string {
    const size = sizeOf(this.shapeOf(x));
    if (target[0] !== -1 && (sizeOf(target) !== size || !target.every((n) => Number.isSafeInteger(n) && n > 0))) {
      this.#refuse(name, `a reshape of ${size} numbers to ${formatShape(target)}`);
    }
    return this.#add(reshape, name, [x], { target });
  }

  pad(name: string, x: string, padding: ExplicitPadding): string {
    const valid = Object.values(padding).every((n) => Number.isSafeInteger(n) && n >= 0 && n < 1 << 16);
    if (!valid) this.#refuse(name, `padding ${JSON.stringify(padding)}`, "pixels on each side");
    return this.#add(zeroPadding2d, name, [x], { padding });
  }

  #convolution<A extends WindowAttrs>(
    op: Op<A>,
    name: string,
    x: string,
    attrs: A,
    weights: Readonly<Record<string, Constant | undefined>>,
  ): string {
    const { strides } = attrs;
    if (!strides.every((n) => Number.isSafeInteger(n) && n >= 1)) this.#refuse(name, `strides ${formatShape(strides)}`);
    return this.#layer(op, name, x, attrs, weights);
  }

  #layer<A extends Attrs>(
    op: Op<A>,
    name: string,
    x: string,
    attrs: A,
    weights: Readonly<Record<string, Constant | undefined>>,
  ): string {
    const layer = this.#add(op, name, [x], attrs);
    const expected = op.params?.([this.shapeOf(x)], attrs) ?? {};
    for (const [weight, { shape }] of Object.entries(expected)) {
      const value = weights[weight];
      // A bias may have the shape [1,1,1,c].
      if (!value || sizeOf(value.shape) !== sizeOf(shape) || value.shape.at(-1) !== shape.at(-1)) {
        return this.#refuse(
          name,
          `${weight} of shape ${value ? formatShape(value.shape) : "none"}`,
          formatShape(shape),
        );
      }
      this.#weights[`${layer}/${weight}`] = reshaped(value, shape);
      if (value.stored) this.#stored[`${layer}/${weight}`] = { ...value.stored, shape };
    }
    return layer;
  }

  #add<A extends Attrs>(op: Op<A>, name: string, inputs: readonly string[], attrs: A): string {
    const free = this.#freeName(name);
    try {
      return this.#builder.add(op, free, inputs, attrs);
    } catch (cause) {
      const { found, expected } = cause as { found?: string; expected?: string };
      if (found === undefined) throw cause;
      throw new WeightsError({ where: `${this.#where}: ${free}`, found, expected }, { cause });
    }
  }

  #freeName(name: string): string {
    // Avoids the names of an object's prototype, which would be found although nothing is stored.
    const base = name in {} ? `_${name}` : name;
    let free = base;
    for (let i = 1; this.#names.has(free); i++) free = `${base}_${i}`;
    this.#names.add(free);
    return free;
  }

  /** A result and a constant in either order, as arguments of `affine`. */
  #valueFirst(
    name: string,
    a: Operand,
    b: Operand,
    factors: (constant: Tensor) => [Tensor | number, Tensor | number],
  ): [string, Tensor | number, Tensor | number] {
    if ("value" in a && "constant" in b) return [a.value, ...factors(b.constant)];
    if ("value" in b && "constant" in a) return [b.value, ...factors(a.constant)];
    return this.#refuse(name, "two constants", "a result of another operator");
  }

  #needRank(name: string, { shape }: Tensor, rank: number): void {
    if (shape.length !== rank) this.#refuse(name, `weights of shape ${formatShape(shape)}`, `${rank} dimensions`);
  }

  #refuse(name: string, found: string, expected?: string): never {
    throw new WeightsError({ where: `${this.#where}: ${name}`, found, expected });
  }
}

/** The one value of a constant; undefined if it has several. */
function scalarOf({ data }: Tensor): number | undefined {
  return data.every((x) => x === data[0]) ? data[0] : undefined;
}
