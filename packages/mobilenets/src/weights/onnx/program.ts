import { WeightsError } from "../../errors.ts";
import type { Program } from "../../graph/graph.ts";
import { listNames, show } from "../../show.ts";
import { GraphImport } from "../import/graph-import.ts";
import type { Imported, Values } from "./call.ts";
import { importNode } from "./operators.ts";
import type { NodeProto } from "./schema.ts";
import type { OnnxView } from "./view.ts";
import { type WrittenOut, writtenOut } from "./written-out.ts";

/** Most nodes, far more than exports of our networks have. */
const MAX_NODES = 4096;

/** A node, or several that form one op. */
interface Step {
  readonly node: NodeProto;
  readonly whole?: WrittenOut;
}

/**
 * Builds the graph of a file's operators, for a file that is none of our networks. The file's maps have channels first,
 * ours channels last; a flattened map keeps the file's order until a dense layer, whose rows are reordered.
 *
 * @param inputShape shape of one picture, `[height, width, channels]`
 * @throws WeightsError for an unsupported operator or form; it names the node
 */
export function programOf(view: OnnxView, inputShape: readonly number[]): Program {
  const { graph, where } = view;
  if (graph.node.length > MAX_NODES) {
    throw new WeightsError({ where, found: `${graph.node.length} nodes`, expected: `at most ${MAX_NODES}` });
  }
  const [input, ...others] = graph.input.filter(({ name }) => !view.isConstant(name));
  if (!input || others.length > 0) {
    const names = listNames(others.map(({ name }) => show(name)));
    throw new WeightsError({ where, found: input ? `${names} beside the input` : "no input", expected: "1 input" });
  }
  const output = graph.output[0]?.name ?? "";
  const name = input.name || "input";
  const b = new GraphImport(graph.name || "onnx", name, inputShape, where);
  const dims = (input.type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue);
  const last = dims[3] === inputShape[2] && dims[1] !== inputShape[2];
  const values: Values = new Map<string, Imported>([[name, { value: b.input, layout: last ? "nhwc" : "nchw" }]]);
  for (const { node, whole } of stepsTo(view, output)) {
    const [result = ""] = node.output;
    values.set(result, whole ? whole.add(b, result, values) : importNode({ b, view, node, name: result, values }));
  }
  const end = values.get(output);
  if (!end) throw new WeightsError({ where, found: `an output ${show(output)} that nothing computes` });
  if (typeof end.layout === "object") {
    const expected = "a map, or a vector of one number per channel";
    throw new WeightsError({ where, found: "a flattened map as the result", expected });
  }
  return b.build(end.value);
}

/**
 * The nodes that a result needs, each after its inputs, without shape arithmetic. ONNX requires this order in files, but
 * tools that add casts put them last.
 */
function stepsTo(view: OnnxView, output: string): readonly Step[] {
  const steps: Step[] = [];
  const open = new Map<NodeProto, Step>();
  const done = new Set<NodeProto>();
  const makerOf = (value: string) => (view.isConstant(value) ? undefined : view.maker(value));
  // Depth first with an explicit stack, because the file decides the depth.
  const stack = [output];
  for (let value = stack.at(-1); value !== undefined; value = stack.at(-1)) {
    const node = makerOf(value);
    const step = node && open.get(node);
    if (!node || done.has(node)) stack.pop();
    else if (step) {
      stack.pop();
      done.add(node);
      steps.push(step);
    } else {
      const whole = writtenOut(view, node);
      open.set(node, { node, whole });
      const waiting = (whole?.inputs ?? dataOf(node)).flatMap((input) => {
        const maker = makerOf(input);
        if (!maker || done.has(maker)) return [];
        if (!open.has(maker)) return [input];
        throw new WeightsError({ where: view.where, found: `a cycle of operators at ${show(input)}` });
      });
      for (const input of waiting) stack.push(input);
    }
  }
  return steps;
}

/** Operators with one data input; the others are parameters such as shapes, limits and scales. */
const ONE_INPUT = /^(Reshape|Squeeze|Unsqueeze|Clip|Pad|Slice|Resize|ReduceMean|ReduceMax|Dropout|Expand)$/;

function dataOf({ opType = "", input }: NodeProto): readonly string[] {
  return ONE_INPUT.test(opType) ? input.slice(0, 1) : input.filter((value) => value !== "");
}
