import type { Graph, Program } from "../../graph/graph.ts";
import { foldBatchNorm } from "../../passes/fold-batch-norm.ts";
import { foldPadding } from "../../passes/fold-padding.ts";
import { removeIdentity } from "../../passes/remove-identity.ts";
import type { WriteOptions, Writer } from "../format.ts";
import { writeMetadata } from "../metadata.ts";
import { encode, loadWire } from "./codec.ts";
import { type Layout, OnnxGraph } from "./graph.ts";
import { modelProto } from "./schema.ts";

/** Prefix of our metadata keys; other tools write keys too. */
export const METADATA_PREFIX = "mobilenets.";

/** The first operator set with LayerNormalization; onnxruntime, TensorRT, OpenVINO and CoreML converters all take it. */
const OPSET = 17;
/** The format's version for that operator set. */
const IR_VERSION = 8;

/**
 * Writes an ONNX model: operator set 17, float32, any batch size. As in files from PyTorch, pictures and maps are
 * `[batch, channels, height, width]`, and kernels are OIHW. Paddings are explicit, and batch norms are folded into the
 * layers before them. Metadata have network, options, preprocessing and labels.
 *
 * @throws WeightsError if protobufjs is not installed, or for a graph that ONNX's operators cannot express
 */
export const writeOnnx: Writer = async (model, options = {}) => {
  const program = prepare(model.program, options);
  // A folded graph differs from the model's. Our own networks are rebuilt from their names.
  const graph: Graph = options.keepBatchNorm ? model.program.graph : program.graph;
  const metadata = writeMetadata({ ...model, program: { ...program, graph } });
  return { bytes: await encodeProgram(program, model.program.graph.outputs, "nchw", metadata) };
};

/**
 * The same for an engine: input and outputs in our layout, no metadata.
 * @param outputNames names of the graph's outputs, in order
 * @throws WeightsError as `writeOnnx`
 */
export async function onnxForEngine(program: Program, outputNames: readonly string[]): Promise<Uint8Array> {
  return encodeProgram(prepare(program, {}), outputNames, "nhwc", {});
}

function prepare(program: Program, { keepBatchNorm = false }: WriteOptions): Program {
  const passes = keepBatchNorm ? [removeIdentity, foldPadding] : [removeIdentity, foldPadding, foldBatchNorm];
  return passes.reduce((p, pass) => pass(p), program);
}

async function encodeProgram(
  program: Program,
  outputNames: readonly string[],
  layout: Layout,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const wire = await loadWire("write ONNX files");
  return encode(wire, modelProto, {
    irVersion: IR_VERSION,
    producerName: "mobilenets",
    graph: new OnnxGraph(program, outputNames, layout).proto(),
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key: METADATA_PREFIX + key, value })),
  });
}
