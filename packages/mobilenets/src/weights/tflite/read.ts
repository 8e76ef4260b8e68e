import { deferred, derived } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import type { Program } from "../../graph/graph.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import { type Flavor, flavorsIn } from "../../models/options.ts";
import { foldBatchNorm } from "../../passes/fold-batch-norm.ts";
import { show } from "../../show.ts";
import { formatShape, realsOf, type Stored, type TensorData } from "../../tensor.ts";
import { asTexts } from "../containers/json.ts";
import { parseStrictJson } from "../containers/strict-json.ts";
import type { Wanted } from "../format.ts";
import { type Constant, GraphImport, type Operand } from "../import/graph-import.ts";
import { nameNetwork } from "../import/name-network.ts";
import { recognise } from "../import/recognise.ts";
import { type Given, isRows } from "../import/row-algebra.ts";
import { packedLabels } from "../labels-beside.ts";
import { readMetadata } from "../metadata.ts";
import { chosenOutput } from "../outputs.ts";
import type { QuantizedNetwork, WeightFile } from "../weight-file.ts";
import { isPlain, withBiasScale, withoutScale } from "./bias.ts";
import { constantOf } from "./constant.ts";
import { rangeToCut } from "./cut-off.ts";
import { loadFlatbuffers } from "./flatbuffers.ts";
import { parseModel, type TfliteModel, type TfliteTensor } from "./model.ts";
import { type Call, importOperator, type KernelLayout } from "./operators.ts";
import { quantizedNetwork, valueTypeOf } from "./quantized.ts";
import { METADATA_NAME } from "./schema.ts";

/** Most files are TensorFlow's; some come from PyTorch models. `same` padding of V1 at odd sizes is the article's. */
const FLAVORS: readonly Flavor[] = [...flavorsIn("tensorflow"), ...flavorsIn("pytorch")];

/**
 * Most bytes of constants, as a multiple of the file's size: some share their bytes, but a small file must not use the
 * same large ones thousands of times.
 */
const MAX_REUSE = 4;

/**
 * Reads a TFLite file, float or quantised. Quantised weights become real numbers; `quantized` has the integer network.
 * The operators form a graph; if one of our networks computes the same, the result is that network. Without information
 * on preprocessing, pictures are stretched whole, as the tools of TensorFlow Lite, Coral and MediaPipe do.
 *
 * @throws WeightsError for a file that is damaged, or has operators or options that MobileNets do not have; also if the
 *   npm package `flatbuffers` is not installed
 */
export async function readTflite(
  bytes: Uint8Array,
  where: string,
  _readBytes?: (path: string) => Promise<Uint8Array>,
  wanted: Wanted = {},
): Promise<WeightFile> {
  const { ByteBuffer } = await loadFlatbuffers("read TFLite files");
  const model = parseModel(new ByteBuffer(bytes), where);
  const metadata = await ownMetadata(model, where);
  const { index, notes } = chosenOutput(
    model.outputs.map((output) => shortName(model.tensor(output).name)),
    wanted.output,
    where,
  );
  const imported = (cut: boolean) => importModel(model, model.outputs[index], bytes.length * MAX_REUSE, cut, where);
  const { program, quantized, inIntegers, input, notes: assumed } = imported(false);
  const { network, options } = metadata?.network ? metadata : wanted;
  const flavors = network && options?.flavor ? [options.flavor] : FLAVORS;
  const hints = network ? { flavors, networks: [network], options } : { flavors };
  const named = nameNetwork(foldBatchNorm(recognise(program)), hints, where, statisticsOf(input));
  // A network by its name stays what it is.
  const file = inIntegers && named.graph ? { ...named, ...asFile(imported(true).program) } : named;
  const said = [...(notes ?? []), ...assumed, ...(inIntegers && !named.graph ? [NOT_CUT] : [])];
  return {
    ...file,
    ...(quantized && { quantized }),
    ...(said.length > 0 && { notes: said }),
    preprocessing: metadata?.preprocessing ?? { crop: "squash", ...file.preprocessing },
    labels: metadata?.labels ?? (await packedLabels(bytes, program.graph.nodes.at(-1)?.shape.at(-1) ?? 0)),
  };
}

/** Said of networks by name. */
const NOT_CUT =
  "TensorFlow Lite rounds each result of this network to integers, and cuts it off at the range that calibration gave it; " +
  "here it computes in floats and does neither: results differ, most for pictures unlike those of the calibration";

function asFile(program: Program): Pick<WeightFile, "graph" | "tensors"> {
  const { graph, weights } = foldBatchNorm(recognise(program));
  return { graph, tensors: weights };
}

interface Imported {
  readonly program: Program;
  readonly input: TfliteTensor;
  readonly quantized: QuantizedNetwork | undefined;
  /** Whether results are of 8 or 16 bits. */
  readonly inIntegers: boolean;
  readonly notes: readonly string[];
}

/**
 * @param result the tensor to compute
 * @param cut whether results end at their tensors' ranges
 */
function importModel(
  model: TfliteModel,
  result: number | undefined,
  budget: number,
  cut: boolean,
  where: string,
): Imported {
  const refuse = (found: string, expected?: string): never => {
    throw new WeightsError({ where, found, expected });
  };
  if (model.inputs.length !== 1 || result === undefined) {
    refuse(`${model.inputs.length} inputs and ${model.outputs.length} outputs`, "one of each");
  }
  const needed = new Set([result]);
  for (const { inputs, outputs } of [...model.operators].reverse()) {
    if (outputs.some((output) => needed.has(output))) for (const input of inputs) needed.add(input);
  }
  const input = model.tensor(model.inputs[0]);
  const [batch, height, width, channels] = input.shape;
  const sizes = input.shape.length === 4 && [batch, height, width].every((n) => n >= 1);
  if (!sizes || !(channels === 1 || channels === 3)) {
    refuse(`an input of shape ${formatShape(input.shape)}`, "[n,height,width,channels] with 1 or 3 channels");
  }
  const inputName = shortName(input.name);
  const graph = new GraphImport("tflite", inputName, [height, width, channels], where);
  const values = new Map<number, Given>([[model.inputs[0], { value: inputName }]]);
  /** Types of results, by their names in the graph. */
  const types = new Map([[inputName, valueTypeOf(input)]]);

  const notes = new Set<string>();
  let inIntegers = false;
  let left = budget;
  /** @param derived the tensor in a form that only this operator needs */
  function operandOf(index: number, derived?: TfliteTensor): Given {
    const tensor = derived ?? model.tensor(index);
    const known = derived ? undefined : values.get(index);
    if (known) return known;
    if (!tensor.data) return refuse(`${show(tensor.name)} used before any operator computes it`);
    left -= tensor.data.length;
    if (left < 0) refuse("constants that operators use too often", `at most ${MAX_REUSE} times the file's size`);
    const constant = constantOf(tensor, where);
    if (!derived) values.set(index, { constant });
    return { constant };
  }

  for (const operator of model.operators) {
    const [output, ...others] = operator.outputs;
    // The operator belongs to another output.
    if (output !== undefined && !needed.has(output)) continue;
    if (output === undefined || others.length > 0) refuse(`${operator.outputs.length} outputs of ${operator.op}`, "1");
    const { name, shape } = model.tensor(output);
    const here = `${where}: ${operator.op} ${show(shortName(name))}`;
    const given = (i: number): Given => {
      const index = operator.inputs[i] ?? -1;
      if (index >= 0) {
        const tensor = model.tensor(index);
        const own = withBiasScale(model, operator, i, tensor, here, notes);
        return operandOf(index, own === tensor ? undefined : own);
      }
      throw new WeightsError({ where: here, found: `no input ${i}` });
    };
    /** An operand of the computation, unlike sizes and axes, which stay integers. */
    const operand = (i: number): Operand => {
      const found = given(i);
      if (isRows(found)) {
        const what = "a mean or a sum along the channels";
        throw new WeightsError({
          where: here,
          found: what,
          expected: "one in a layer norm or a division by the length",
        });
      }
      if ("constant" in found && isPlain(model.tensor(operator.inputs[i]))) {
        throw withoutScale(model.tensor(operator.inputs[i]), here);
      }
      return found;
    };
    const constant = (i: number): Constant | undefined => {
      if ((operator.inputs[i] ?? -1) < 0) return undefined;
      const found = given(i);
      if ("constant" in found) return found.constant;
      throw new WeightsError({ where: here, found: `a result as input ${i}`, expected: "a constant" });
    };
    const weights: Call["weights"] = (i, layout) => {
      const given = constant(i);
      if (given) operand(i);
      if (!given) throw new WeightsError({ where: here, found: "no weights" });
      return inLayout(given, layout);
    };
    const range = rangeToCut(model, operator);
    inIntegers ||= range !== undefined;
    const cuts = cut ? range : undefined;
    const own = shortName(name);
    const call = {
      graph,
      operator,
      name: cuts ? `${own}/whole` : own,
      shape,
      where: here,
      operand,
      given,
      constant,
      weights,
    };
    const whole = importOperator(call);
    const made =
      cuts && whole && "value" in whole ? { value: graph.clip(own, whole.value, cuts.least, cuts.most) } : whole;
    if (made) values.set(output, made);
    // An operator that passes its input on has the input's name and type.
    if (made && "value" in made && !types.has(made.value)) types.set(made.value, valueTypeOf(model.tensor(output)));
  }
  const output = values.get(result as number);
  if (!output || !("value" in output)) return refuse("an output that no operator computes");
  const program = graph.build(output.value);
  return { program, input, quantized: quantizedNetwork(program, graph.stored, types), inIntegers, notes: [...notes] };
}

/** Reorders a constant. Integers stay as stored until their real numbers are used. */
function inLayout(given: Constant, layout: KernelLayout): Constant {
  const shape = layout.shape(given.shape);
  const move = <D extends TensorData>(data: D) => layout.move?.(data, given.shape) ?? data;
  if (!given.stored) return derived(given, shape, move);
  return withReals({ ...given.stored, data: move(given.stored.data), shape });
}

/**
 * A constant whose real numbers are computed on access. It is separate from `inLayout`, because a closure there would keep
 * the file's copy alive.
 */
function withReals(stored: Stored): Constant {
  return Object.assign(
    deferred(stored.shape, () => realsOf(stored)),
    { stored },
  );
}

/** The first name of an operator that the converter fused from several. */
function shortName(name: string): string {
  return name.split(";", 1)[0] || name;
}

/** The normalisation of a quantised input, which takes the picture's bytes: (x - zero point) * scale. */
function statisticsOf({ shape, quantisation }: TfliteTensor): Pick<Preprocessing, "mean" | "std"> | undefined {
  if (quantisation?.type !== "uint8" && quantisation?.type !== "int8") return undefined;
  const { type, scales, zeroPoints } = quantisation;
  // A signed byte is the unsigned byte less 128.
  const zero = zeroPoints[0] + (type === "int8" ? 128 : 0);
  return { mean: Array(shape[3]).fill(zero), std: Array(shape[3]).fill(1 / scales[0]) };
}

async function ownMetadata(model: TfliteModel, where: string) {
  const bytes = model.metadata(METADATA_NAME);
  if (!bytes) return undefined;
  const here = `${where}: metadata ${METADATA_NAME}`;
  let json: unknown;
  try {
    json = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), 2);
  } catch (cause) {
    throw new WeightsError({ where: here, found: "no acceptable JSON" }, { cause });
  }
  return readMetadata(asTexts(json, here, "it"), here);
}
