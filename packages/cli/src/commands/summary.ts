import { Argument, type Command, Option } from "commander";
import { buildGraph, type NetworkName, networkNames, printGraph, savings, summarise } from "mobilenets";
import { addNetworkOptions, addTopOptions, modelOptions, type NetworkFlags } from "../network-options.ts";
import { result } from "../output.ts";
import { savingsJson, savingsLines } from "../savings-table.ts";
import { summaryLines } from "../summary-table.ts";

interface SummaryFlags extends NetworkFlags {
  readonly savings?: true;
  readonly print?: "graph";
  readonly json?: true;
}

export function addSummary(root: Command): void {
  const command = root
    .command("summary")
    .description("List a network's layers with output shapes, parameters and multiply-adds (MACs) for one picture.")
    .addArgument(new Argument("<network>", "which network").choices(networkNames));
  addTopOptions(addNetworkOptions(command))
    .option("--savings", "compare each depthwise-separable pair with a standard convolution of its shape")
    .addOption(new Option("--print <what>", "print the network's graph instead").choices(["graph"]).conflicts("json"))
    .option("--json", "print one JSON object")
    .action(summary);
}

async function summary(network: NetworkName, flags: SummaryFlags): Promise<void> {
  const graph = buildGraph(network, modelOptions(flags));
  if (flags.print) return result(printGraph(graph));
  const { totals, layers } = summarise(graph);
  const compared = flags.savings && savings(graph);
  const flavor = flags.flavor ?? "keras";
  if (flags.json) {
    const object = { network, flavor, totals, layers, ...(compared && { savings: savingsJson(compared) }) };
    return result(JSON.stringify(object));
  }
  const lines = summaryLines(`${network}, flavor ${flavor}, input ${graph.input.shape.join("x")}`, totals, layers);
  if (compared) lines.push("", ...savingsLines(compared));
  return result(lines.join("\n"));
}
