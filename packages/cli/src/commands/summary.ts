import { type Command, Option } from "commander";
import { type ModelOptions, type NetworkName, networkNames, OptionError } from "mobilenets";
import {
  buildGraph,
  compilePlan,
  defaultFlavor,
  findBlocks,
  type Graph,
  initialise,
  type LayerSummary,
  optimise,
  printGraph,
  printPlan,
  type Summary,
  savings,
  summarise,
} from "mobilenets/graph";
import { readWeightFile } from "mobilenets/weights";
import { addExamples } from "../help/examples.ts";
import { networkOrFileArgument, type WeightFilePath } from "../network-choice.ts";
import { addNetworkOptions, addTopOptions, modelOptions, type NetworkFlags } from "../network-options.ts";
import { result } from "../output.ts";
import { savingsJson, savingsLines } from "../savings-table.ts";
import { layerLines, type SummaryRow, trainableLine } from "../summary-table.ts";
import { grouped } from "../table.ts";

interface SummaryFlags extends NetworkFlags {
  readonly savings?: true;
  /** False leaves the layers out. */
  readonly layers: boolean;
  readonly print?: keyof typeof printers;
  readonly json?: true;
}

/** The printable stages of a network. Passes need weights to fold, so random ones are made. */
const printers = {
  graph: printGraph,
  plan: (graph: Graph) => printPlan(compilePlan(optimise({ graph, weights: initialise(graph) }).graph)),
};

/** Adds the command `summary`, which lists a network's layers and costs. */
export function addSummary(root: Command): void {
  const command = root
    .command("summary")
    .summary("list a network's layers, parameters and multiply-adds")
    .description(
      "List a network's layers with the block each belongs to, output shapes, parameters and multiply-adds (MACs) for one picture.",
    )
    .addArgument(networkOrFileArgument("the path of a weight file, or which network"))
    .option("--savings", "first compare each depthwise-separable pair with a standard convolution of its shape")
    .option("--no-layers", "leave the layers out: totals, and with --savings the comparison")
    .addOption(
      new Option("--print <what>", "print the network's graph or its compiled plan instead")
        .choices(Object.keys(printers))
        .conflicts("json"),
    )
    .option("--json", "print one JSON object");
  addTopOptions(addNetworkOptions(command)).action(summary);
  addExamples(command, [
    ["mobilenets summary mobilenet_v2", "Layers, parameters and multiply-adds"],
    ["mobilenets summary mobilenet_v1 --savings --no-layers", "What depthwise-separable convolutions save"],
    [
      "mobilenets summary mobilenet_v3_small --alpha 0.75 --size 160 --json",
      "Of a smaller network, for other programs",
    ],
  ]);
}

/** The network to show. */
interface Shown {
  readonly network: string;
  readonly flavor: string | null;
  readonly graph: Graph;
  /** The integer graph of a quantised file. */
  readonly quantized?: Graph;
}

function named(network: NetworkName, options: ModelOptions): Shown {
  return { network, flavor: options.flavor ?? defaultFlavor(network), graph: buildGraph(network, options) };
}

/** @throws OptionError for options of networks, which the file already has, or a file without its network's name */
async function ofFile(path: string, flags: SummaryFlags): Promise<Shown> {
  const [given] = Object.entries(modelOptions(flags)).filter(([, value]) => value !== undefined);
  if (given) {
    const found = `given with the file ${path}`;
    throw new OptionError({ where: given[0], found, expected: "a network's name with it, or the file alone" });
  }
  const { network, options = {}, graph, quantized } = await readWeightFile(path);
  if (network) return { ...named(network, options), quantized: quantized?.graph };
  if (graph) return { network: graph.name, flavor: null, graph, quantized: quantized?.graph };
  throw new OptionError({
    where: path,
    found: "a file that does not say which network it belongs to",
    expected: `one of ${networkNames.join(", ")}`,
  });
}

async function summary(source: NetworkName | WeightFilePath, flags: SummaryFlags): Promise<void> {
  const { network, flavor, graph, quantized } =
    typeof source === "string" ? named(source, modelOptions(flags)) : await ofFile(source.path, flags);
  if (flags.print === "graph") return result(printGraph(quantized ?? graph));
  if (flags.print) return result(printers[flags.print](graph));
  const { totals, layers } = summarise(graph);
  const compared = flags.savings && savings(graph);
  const rows = flags.layers ? withBlocks(graph, layers) : undefined;
  if (flags.json) {
    const object = {
      network,
      flavor,
      totals,
      ...(rows && { layers: rows }),
      ...(compared && { savings: savingsJson(compared) }),
    };
    return result(JSON.stringify(object));
  }
  const lines = [`${network}${flavor === null ? "" : `, flavor ${flavor}`}, input ${graph.input.shape.join("x")}`, ""];
  if (compared) lines.push(...savingsLines(compared), "");
  lines.push(...(rows ? [...layerLines(totals, rows), ""] : [totalLine(totals)]), trainableLine(totals));
  return result(lines.join("\n"));
}

function withBlocks(graph: Graph, layers: readonly LayerSummary[]): SummaryRow[] {
  const blockOf = new Map(
    findBlocks(graph).flatMap(({ name, layers }) => layers.map((layer) => [layer, name] as const)),
  );
  return layers.map((layer) => ({ ...layer, block: blockOf.get(layer.name) ?? null }));
}

function totalLine({ params, macs }: Summary["totals"]): string {
  return `${grouped(params)} parameters, ${grouped(macs)} multiply-adds`;
}
