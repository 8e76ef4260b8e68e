import { WeightsError } from "../../../errors.ts";
import { type Flavor, flavorsIn } from "../../../models/options.ts";
import { foldBatchNorm } from "../../../passes/fold-batch-norm.ts";
import { show } from "../../../show.ts";
import { formatShape, type Tensor, type TensorData } from "../../../tensor.ts";
import { asObject, type JsonObject } from "../../containers/json.ts";
import type { Wanted } from "../../format.ts";
import { GraphImport, type Operand } from "../../import/graph-import.ts";
import { nameNetwork } from "../../import/name-network.ts";
import { recognise } from "../../import/recognise.ts";
import type { Given } from "../../import/row-algebra.ts";
import { chosenOutput } from "../../outputs.ts";
import type { WeightFile } from "../../weight-file.ts";
import { type NodeDef, nodesInOrder, outputsOf } from "./graph-def.ts";
import { importNode } from "./operators.ts";

/** Most files are TensorFlow's; some come from PyTorch models. `same` padding of V1 at odd sizes is the article's. */
const FLAVORS: readonly Flavor[] = [...flavorsIn("tensorflow"), ...flavorsIn("pytorch")];

/**
 * Reads a TensorFlow.js graph model: as one of our networks if it computes the same, otherwise as a graph of its ops.
 *
 * @param model the model.json
 * @param constants the manifest's tensors, by the names of Const nodes
 * @throws WeightsError for ops or options that MobileNets do not have; it names the node
 */
export function readGraphModel(
  model: JsonObject,
  constants: Readonly<Record<string, Tensor<TensorData>>>,
  where: string,
  { network, options, output: asked }: Wanted,
): WeightFile {
  const { node } = asObject(model.modelTopology, where, "modelTopology");
  const signature =
    model.signature ?? asObject(model.userDefinedMetadata ?? {}, where, "userDefinedMetadata").signature;
  const outputs = outputsOf(node, signature, where);
  const { index, notes } = chosenOutput(
    outputs.map(({ name }) => name),
    asked,
    where,
  );
  const output = outputs[index].node;
  const nodes = nodesInOrder(node, output, where);
  const placeholders = nodes.filter(({ op }) => op === "Placeholder");
  const [input] = placeholders;
  if (!input || placeholders.length > 1) {
    throw new WeightsError({ where, found: `${placeholders.length} inputs`, expected: "1" });
  }
  const graph = new GraphImport("graph_model", shortName(input.name), pictureShape(input), where);
  const values = new Map<string, Given>([[input.name, { value: graph.input }]]);
  for (const node of nodes) {
    if (node === input) continue;
    const operands = node.inputs.map((name) => values.get(name) as Given);
    const name = shortName(node.name);
    values.set(
      node.name,
      node.op === "Const"
        ? constantOf(node, constants)
        : importNode({ graph, node, name, operands, where: `${where}: ${name}` }),
    );
  }
  const result = values.get(output);
  if (!result || !("value" in result)) {
    throw new WeightsError({ where, found: `a constant as result ${show(output)}` });
  }
  const flavors = network && options?.flavor ? [options.flavor] : FLAVORS;
  const hints = network ? { flavors, networks: [network], options } : { flavors };
  const file = nameNetwork(foldBatchNorm(recognise(graph.build(result.value))), hints, where);
  return notes ? { ...file, notes } : file;
}

/** `[height, width, channels]` */
function pictureShape(input: NodeDef): readonly number[] {
  const shape = input.shape("shape");
  const [, height, width, channels] = shape ?? [];
  if (shape?.length === 4 && height >= 1 && width >= 1 && (channels === 1 || channels === 3)) return shape.slice(1);
  return input.refuse(
    shape ? `an input of shape ${formatShape(shape)}` : "an input without a shape",
    "[-1,height,width,channels] with fixed sizes and 1 or 3 channels",
  );
}

function constantOf(node: NodeDef, constants: Readonly<Record<string, Tensor<TensorData>>>): Operand {
  const { data, shape } = Object.hasOwn(constants, node.name)
    ? constants[node.name]
    : node.refuse("no weights of that name");
  return { constant: { data: Float32Array.from(data as ArrayLike<number>), shape } };
}

/** A node's name without the call prefixes that repeated loading and saving add. */
function shortName(name: string): string {
  return name.replace(/^(StatefulPartitionedCall\/)+(?=.)/, "");
}
