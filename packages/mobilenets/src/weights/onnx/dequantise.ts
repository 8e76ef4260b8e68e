import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { sizeOf } from "../../tensor.ts";
import { type AttributeProto, DATA_TYPE, type GraphProto, type NodeProto, type TensorProto } from "./schema.ts";
import { attributeOf, nodeName, OnnxView } from "./view.ts";

const FLOAT_OF: Readonly<Record<string, string>> = {
  QLinearAdd: "Add",
  QLinearMul: "Mul",
  QLinearGlobalAveragePool: "GlobalAveragePool",
  QLinearSigmoid: "Sigmoid",
  QLinearSoftmax: "Softmax",
  QLinearAveragePool: "AveragePool",
  QLinearLeakyRelu: "LeakyRelu",
};

const QUANTISED =
  /^(QLinear\w+|QGemm|(Quantize|Dequantize|DynamicQuantize)Linear|(Conv|MatMul)Integer|Fused(Conv|Gemm))$/;

/** Integer types of quantised weights, by ONNX's numbers. */
const INTEGERS: ReadonlyMap<number, { readonly bytes: 1 | 4; readonly least: number }> = new Map([
  [2, { bytes: 1, least: 0 }],
  [3, { bytes: 1, least: -128 }],
  [6, { bytes: 4, least: -(2 ** 31) }],
]);

/** Operators after which ONNX Runtime removes a ReLU. */
const BENT: readonly string[] = ["Conv", "Gemm", "MatMul", "BatchNormalization"];

/** Operators whose results are clamped to calibrated ranges. Dynamic quantisation measures ranges for each picture. */
const CALIBRATED = /^(QLinear\w+|QGemm|QuantizeLinear)$/;

/** A calibrated range from 0 to at most this may come from ReLU or ReLU6. */
const SIX = 6.01;

/** Said of what computes without the limits that its file has. */
export const NOT_CUT =
  "the file rounds results to 8 bits and cuts them off at the ranges that calibration gave them; here they are floats " +
  "without limits: results differ, most for pictures unlike those of the calibration";

/**
 * The float graph of a graph that ONNX Runtime quantised (QDQ pairs, QLinear operators, dynamic quantisation) or fused:
 * weights become real numbers, and rounding of activations is left out. Activations that quantisation replaced by a range
 * from 0 are restored. A graph without such operators is returned unchanged.
 *
 * @param cut whether results are clamped to the ranges of their integers, as in ONNX Runtime; no network is recognised then
 * @throws WeightsError for operators with processor-specific layouts
 */
export function dequantised(graph: GraphProto, where: string, cut = false): GraphProto {
  const blocked = graph.node.find(({ domain }) => domain === "com.microsoft.nchwc");
  if (blocked) {
    throw new WeightsError({
      where: `${where}: ${nodeName(blocked)}`,
      found: "a model that was optimised for one kind of processor",
      hint: "save it at the level ORT_ENABLE_BASIC or ORT_ENABLE_EXTENDED, or use the original model",
    });
  }
  if (!graph.node.some(({ opType = "" }) => QUANTISED.test(opType))) return graph;
  return new Dequantiser(graph, where, cut).run();
}

/** Whether a graph's results have calibrated ranges. */
export function isCalibrated({ node }: GraphProto): boolean {
  return node.some(({ opType = "" }) => CALIBRATED.test(opType));
}

class Dequantiser {
  readonly #graph: GraphProto;
  readonly #view: OnnxView;
  readonly #where: string;
  readonly #cut: boolean;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[];
  readonly #byName: Map<string, TensorProto>;
  /** New names of values. */
  readonly #names = new Map<string, string>();
  /** Operators that make the new values. */
  readonly #makers = new Map<string, string>();

  constructor(graph: GraphProto, where: string, cut: boolean) {
    this.#graph = graph;
    this.#cut = cut;
    this.#view = new OnnxView(graph, where);
    this.#where = where;
    this.#initializers = [...graph.initializer];
    this.#byName = new Map(graph.initializer.map((tensor) => [tensor.name ?? "", tensor]));
  }

  run(): GraphProto {
    for (const node of this.#graph.node) this.#node(node);
    const outputs = this.#graph.output.map((output) => ({ ...output, name: this.#nameOf(output.name ?? "") }));
    return { ...this.#graph, node: this.#nodes, initializer: this.#initializers, output: outputs };
  }

  #node(node: NodeProto): void {
    const { opType = "", input, output } = node;
    const [y = ""] = output;
    switch (opType) {
      case "DequantizeLinear":
        if (this.#byName.has(input[0])) this.#weights(node, y, input[0], input[1], input[2], axisOf(node));
        else this.#names.set(y, this.#nameOf(input[0]));
        break;
      case "QuantizeLinear":
        this.#names.set(y, this.#clamped(this.#nameOf(input[0]), input[1], input[2], y));
        break;
      case "Reshape":
        // A bias, reshaped for the map that it is added to.
        this.#reshape(node, y);
        break;
      case "DynamicQuantizeLinear":
        this.#names.set(y, this.#nameOf(input[0]));
        break;
      case "QLinearConv": {
        const [x, , , w, ws, wz, ys, yz, bias] = input;
        this.#weights(node, `${y}/kernel`, w, ws, wz, 0);
        const inputs = [x, `${y}/kernel`];
        if (bias) inputs.push(this.#bias(node, `${y}/bias`, bias, input[1], ws));
        this.#emit({ ...node, opType: "Conv" }, inputs, y);
        this.#names.set(y, this.#clamped(y, ys, yz, y));
        break;
      }
      case "QLinearMatMul":
      case "QGemm": {
        const [x, xs, , w, ws, wz, bias] = input;
        this.#weights(node, `${y}/kernel`, w, ws, wz, attributeOf(node, "transB")?.i ? 0 : 1);
        const inputs = [x, `${y}/kernel`];
        const gemm = opType === "QGemm";
        if (gemm && bias) inputs.push(this.#bias(node, `${y}/bias`, bias, xs, ws));
        this.#emit({ ...node, opType: gemm ? "Gemm" : "MatMul", domain: "" }, inputs, y);
        const [ys, yz] = gemm ? input.slice(7) : input.slice(6);
        if (ys) this.#names.set(y, this.#clamped(y, ys, yz, y));
        break;
      }
      case "QLinearAdd":
      case "QLinearMul":
        this.#emit(
          { ...node, opType: FLOAT_OF[opType], domain: "" },
          [this.#operand(node, 0), this.#operand(node, 3)],
          y,
        );
        if (this.#cut) this.#names.set(y, this.#clamped(y, input[6], input[7], y));
        break;
      case "QLinearGlobalAveragePool":
      case "QLinearSigmoid":
      case "QLinearSoftmax":
      case "QLinearAveragePool":
      case "QLinearLeakyRelu":
        this.#emit({ ...node, opType: FLOAT_OF[opType], domain: "" }, [input[0]], y);
        if (this.#cut) this.#names.set(y, this.#clamped(y, input[3], input[4], y));
        break;
      case "QLinearConcat": {
        const joined = input.flatMap((_, i) => (i >= 2 && (i - 2) % 3 === 0 ? [this.#operand(node, i)] : []));
        this.#emit({ ...node, opType: "Concat", domain: "" }, joined, y);
        if (this.#cut) this.#names.set(y, this.#clamped(y, input[0], input[1], y));
        break;
      }
      case "ConvInteger":
      case "MatMulInteger":
        this.#integer(node, opType === "ConvInteger");
        break;
      case "FusedConv":
      case "FusedGemm":
        this.#fused(node, opType === "FusedConv");
        break;
      default:
        if (!this.#names.has(y)) this.#emit(node, input, y);
    }
  }

  /** An operand of an integer sum or product: a constant's real numbers, or a result. Scale and zero point follow it. */
  #operand(node: NodeProto, i: number): string {
    const [value, scale, zero] = node.input.slice(i);
    if (!this.#byName.has(value)) return value;
    const name = `${node.output[0]}/operand ${i}`;
    this.#weights(node, name, value, scale, zero, 0);
    return name;
  }

  #reshape(node: NodeProto, y: string): void {
    const [x, target] = node.input;
    if (this.#byName.get(x)?.dataType !== DATA_TYPE.float || !this.#view.isConstant(target)) {
      this.#emit(node, node.input, y);
      return;
    }
    const { data } = this.#view.floats(x);
    const sizes = this.#view.integers(target);
    const rest = data.length / sizeOf(sizes.filter((n) => n !== -1));
    this.#constant(
      y,
      sizes.map((n) => (n === -1 ? rest : n)),
      data,
    );
  }

  /** An integer product, which is then cast and multiplied by both scales, becomes a layer. */
  #integer(node: NodeProto, isConv: boolean): void {
    const [x, w, , wz] = node.input;
    const [y = ""] = node.output;
    const cast: NodeProto = this.#reader(node, y, "Cast");
    const scaled: NodeProto = this.#reader(node, cast.output[0], "Mul");
    const scales = this.#view.maker(scaled.input[scaled.input[0] === cast.output[0] ? 1 : 0]);
    const scale = scales?.input.find((value) => this.#byName.has(value));
    if (!scale) this.#refuse(node, "a product of integers without a scale");
    const [result = ""] = scaled.output;
    this.#weights(node, `${result}/kernel`, w, scale, wz, isConv ? 0 : 1);
    this.#names.set(cast.output[0], result);
    this.#emit({ ...node, opType: isConv ? "Conv" : "MatMul" }, [x, `${result}/kernel`], result);
    this.#names.set(result, result);
  }

  /** ONNX Runtime's convolution with a fused sum and activation. */
  #fused(node: NodeProto, isConv: boolean): void {
    const [x, w, bias, sum] = node.input;
    const [y = ""] = node.output;
    const act = text(attributeOf(node, "activation"));
    const plain = node.attribute.filter(({ name = "" }) => !/^activation/.test(name));
    const inputs = [x, w, ...(bias ? [bias] : [])];
    const linear = sum ? `${y}/conv` : act ? `${y}/linear` : y;
    this.#emit({ ...node, opType: isConv ? "Conv" : "Gemm", domain: "", attribute: plain }, inputs, linear);
    const added = act ? `${y}/linear` : y;
    if (sum) this.#emit({ ...node, opType: "Add", domain: "", attribute: [] }, [linear, sum], added);
    if (!act) return;
    const params = attributeOf(node, "activation_params")?.floats ?? [];
    const attribute = act === "HardSigmoid" ? [float("alpha", params[0]), float("beta", params[1])] : [];
    const bounds = act === "Clip" ? params.map((value) => this.#scalar(value)) : [];
    this.#emit({ ...node, opType: act, domain: "", attribute }, [added, ...bounds], y);
  }

  #reader(node: NodeProto, value: string, opType: string): NodeProto {
    const [reader, ...others] = this.#view.readers(value);
    if (reader?.opType === opType && others.length === 0) return reader;
    return this.#refuse(node, `a product of integers that no ${opType} follows`);
  }

  /**
   * A value stored with a range from 0: its operator has lost a ReLU to that range. A range beyond 6 shows that it was not
   * ReLU6.
   */
  #clamped(value: string, scale: string, zeroPoint: string | undefined, stored: string): string {
    if (this.#cut) return this.#cutOff(value, scale, zeroPoint, stored);
    // This would be wrong for a classifier whose outputs happen to be above 0.
    if (this.#view.readers(stored).some(({ output }) => this.#graph.output.some(({ name }) => name === output[0]))) {
      return value;
    }
    const zero = zeroPoint === undefined ? undefined : this.#byName.get(zeroPoint);
    const type = INTEGERS.get(zero?.dataType ?? 2);
    if (!BENT.includes(this.#makers.get(value) ?? "") || !type) return value;
    const at = zero ? integersOf(zero, type.bytes, this.#where)[0] : 0;
    if (at !== type.least) return value;
    const top = this.#view.floats(scale).data[0] * 255;
    const name = `${value}/relu`;
    this.#emit(made(top > SIX ? "Relu" : "ReluOrRelu6"), [value], name);
    return name;
  }

  /** A value that ends where its integers do. */
  #cutOff(value: string, scale: string, zeroPoint: string | undefined, stored: string): string {
    const zero = zeroPoint === undefined ? undefined : this.#byName.get(zeroPoint);
    const type = INTEGERS.get(zero?.dataType ?? 2);
    const known = this.#byName.has(scale) && (zero !== undefined || !zeroPoint);
    if (type?.bytes !== 1 || !known) return value;
    const [step, ...others] = this.#view.floats(scale).data;
    // Beyond these, floats do not hold what it takes to cut off.
    if (others.length > 0 || !(step > 1e-30 && step < 1e30)) return value;
    const least = (type.least - (zero ? integersOf(zero, 1, this.#where)[0] : 0)) * step;
    const name = `${stored}/cut`;
    this.#emit(made("Clip"), [value, this.#scalar(least), this.#scalar(least + 255 * step)], name);
    return name;
  }

  #weights(
    node: NodeProto,
    name: string,
    weights: string,
    scale: string,
    zero: string | undefined,
    axis: number,
  ): void {
    const proto = this.#byName.get(weights);
    const type = INTEGERS.get(proto?.dataType ?? 0);
    if (!proto || !type) this.#refuse(node, `weights ${show(weights)} that are not constant integers`);
    const stored = integersOf(proto, type.bytes, this.#where);
    const scales = this.#view.floats(scale).data;
    const zeroProto = zero ? this.#byName.get(zero) : undefined;
    const zeros = zeroProto
      ? integersOf(zeroProto, INTEGERS.get(zeroProto.dataType ?? 0)?.bytes ?? 1, this.#where)
      : [0];
    const channels = proto.dims[axis < 0 ? axis + proto.dims.length : axis] ?? 1;
    if (![1, channels].includes(scales.length) || ![1, channels].includes(zeros.length)) {
      this.#refuse(node, `${scales.length} scales`);
    }
    const inner = sizeOf(proto.dims.slice((axis < 0 ? axis + proto.dims.length : axis) + 1));
    const reals = Float32Array.from(stored, (q, i) => {
      const c = Math.floor(i / inner) % channels;
      return (q - zeros[zeros.length === 1 ? 0 : c]) * scales[scales.length === 1 ? 0 : c];
    });
    this.#constant(name, proto.dims, reals);
  }

  #bias(node: NodeProto, name: string, bias: string, inputScale: string, weightScale: string): string {
    const proto = this.#byName.get(bias);
    if (proto?.dataType !== 6) return this.#refuse(node, `a bias ${show(bias)} that is not constant`);
    const [x] = this.#view.floats(inputScale).data;
    const scales = this.#view.floats(weightScale).data;
    const stored = integersOf(proto, 4, this.#where);
    this.#constant(
      name,
      proto.dims,
      Float32Array.from(stored, (q, i) => q * x * scales[scales.length === 1 ? 0 : i]),
    );
    return name;
  }

  #scalar(value: number): string {
    const name = `constant ${value}`;
    if (!this.#byName.has(name)) this.#constant(name, [], Float32Array.of(value));
    return name;
  }

  #constant(name: string, dims: readonly number[], data: Float32Array): void {
    const empty = { floatData: [], int32Data: [], int64Data: [], doubleData: [], externalData: [] };
    const tensor = { ...empty, name, dims, dataType: DATA_TYPE.float, rawData: new Uint8Array(data.slice().buffer) };
    this.#initializers.push(tensor);
    this.#byName.set(name, tensor);
  }

  #emit(node: NodeProto, input: readonly string[], output: string): void {
    // Optional inputs have an empty name, or none at the end.
    if (input.some((value) => value === undefined)) this.#refuse(node, "an operator without its inputs");
    this.#nodes.push({ ...node, input: input.map((value) => this.#nameOf(value)), output: [output] });
    this.#makers.set(output, node.opType ?? "");
  }

  #nameOf(value: string): string {
    return this.#names.get(value) ?? value;
  }

  #refuse(node: NodeProto, found: string): never {
    throw new WeightsError({
      where: `${this.#where}: ${nodeName(node)}`,
      found,
      hint: "export the model in float32",
    });
  }
}

const axisOf = (node: NodeProto) => attributeOf(node, "axis")?.i ?? 1;
const made = (opType: string): NodeProto => ({ input: [], output: [], opType, attribute: [] });
const text = (attribute: AttributeProto | undefined) => (attribute?.s ? new TextDecoder().decode(attribute.s) : "");
const float = (name: string, f: number | undefined) => ({ name, f, floats: [], ints: [], type: 1 }) as AttributeProto;

/** A constant's integers; their number must fit its shape. */
function integersOf(
  { dims, dataType, rawData, int32Data, name }: TensorProto,
  bytes: 1 | 4,
  where: string,
): ArrayLike<number> {
  const size = sizeOf(dims);
  let numbers: ArrayLike<number> = int32Data;
  if (rawData) {
    const copy = new Uint8Array(rawData).buffer;
    numbers =
      bytes === 4
        ? new Int32Array(copy, 0, Math.floor(copy.byteLength / 4))
        : dataType === 3
          ? new Int8Array(copy)
          : new Uint8Array(copy);
  }
  if (numbers.length === size && dims.every((n) => Number.isInteger(n) && n >= 0)) return numbers;
  throw new WeightsError({
    where: `${where}: ${show(name)}`,
    found: `${numbers.length} numbers for shape ${show(dims)}`,
  });
}
