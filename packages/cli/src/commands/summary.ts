import { type Command, Option } from "commander";
import type { NetworkName } from "mobilenets";
import {
  buildGraph,
  compilePlan,
  defaultFlavor,
  type Graph,
  initialise,
  optimise,
  printGraph,
  printPlan,
  savings,
  summarise,
} from "mobilenets/graph";
import { addExamples } from "../help/examples.ts";
import { networkArgument } from "../network-choice.ts";
import { addNetworkOptions, addTopOptions, modelOptions, type NetworkFlags } from "../network-options.ts";
import { result } from "../output.ts";
import { savingsJson, savingsLines } from "../savings-table.ts";
import { summaryLines } from "../summary-table.ts";

interface SummaryFlags extends NetworkFlags {
  readonly savings?: true;
  readonly print?: keyof typeof printers;
  readonly json?: true;
}

/** The stages between a network's table and its run. Passes need weights to fold; fresh ones do. */
const printers = {
  graph: printGraph,
  plan: (graph: Graph) => printPlan(compilePlan(optimise({ graph, weights: initialise(graph) }).graph)),
};

export function addSummary(root: Command): void {
  const command = root
    .command("summary")
    .summary("list a network's layers, parameters and multiply-adds")
    .description("List a network's layers with output shapes, parameters and multiply-adds (MACs) for one picture.")
    .addArgument(networkArgument("which network"))
    .option("--savings", "compare each depthwise-separable pair with a standard convolution of its shape")
    .addOption(
      new Option("--print <what>", "print instead what the network is on its way to running")
        .choices(Object.keys(printers))
        .conflicts("json"),
    )
    .option("--json", "print one JSON object");
  addTopOptions(addNetworkOptions(command)).action(summary);
  addExamples(command, [
    ["mobilenets summary mobilenet_v2", "Layers, parameters and multiply-adds"],
    ["mobilenets summary mobilenet_v1 --savings", "What depthwise-separable convolutions save"],
    [
      "mobilenets summary mobilenet_v3_small --alpha 0.75 --size 160 --json",
      "Of a smaller network, for other programs",
    ],
  ]);
}

async function summary(network: NetworkName, flags: SummaryFlags): Promise<void> {
  const graph = buildGraph(network, modelOptions(flags));
  if (flags.print) return result(printers[flags.print](graph));
  const { totals, layers } = summarise(graph);
  const compared = flags.savings && savings(graph);
  const flavor = flags.flavor ?? defaultFlavor(network);
  if (flags.json) {
    const object = { network, flavor, totals, layers, ...(compared && { savings: savingsJson(compared) }) };
    return result(JSON.stringify(object));
  }
  const lines = summaryLines(`${network}, flavor ${flavor}, input ${graph.input.shape.join("x")}`, totals, layers);
  if (compared) lines.push("", ...savingsLines(compared));
  return result(lines.join("\n"));
}
