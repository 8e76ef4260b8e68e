import type { Command } from "commander";
import type { NetworkName } from "mobilenets";
import { buildGraph, initialise, type Profile, profile, type StepProfile } from "mobilenets/graph";
import { addExamples } from "../help/examples.ts";
import { networkArgument } from "../network-choice.ts";
import { addNetworkOptions, addTopOptions, modelOptions, type NetworkFlags } from "../network-options.ts";
import { toInteger } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";
import { table } from "../table.ts";

interface ProfileFlags extends NetworkFlags {
  readonly repeats: number;
  readonly json?: true;
}

/** Adds the command `profile`, which times the kernels of a network. */
export function addProfile(root: Command): void {
  const command = root
    .command("profile")
    .summary("time the kernels of a network")
    .description("Time every kernel call of a network on one thread, with its share of a picture's time.")
    .addArgument(networkArgument("which network; its weights are random"))
    .option("--repeats <n>", "timed runs; medians are shown", toInteger(1), 50)
    .option("--json", "print one JSON object");
  addTopOptions(addNetworkOptions(command)).action(run);
  addExamples(command, [
    ["mobilenets profile mobilenet_v2", "Where the milliseconds of a picture go"],
    ["mobilenets profile mobilenet_v3_small --alpha 0.75 --size 160", "Of a smaller network"],
    ["mobilenets profile mobilenet_v1 --no-top --repeats 10 --json", "Without the classifier, for other programs"],
  ]);
}

async function run(network: NetworkName, flags: ProfileFlags): Promise<void> {
  const graph = buildGraph(network, modelOptions(flags));
  diagnostic(`timing ${flags.repeats} runs of ${network}`);
  const measured = await profile({ graph, weights: initialise(graph) }, flags.repeats);
  if (flags.json) return result(JSON.stringify({ network, ...measured }));
  const { isa, ms, simdBits } = measured;
  const macs = measured.steps.reduce((sum, step) => sum + step.macs, 0);
  return result(
    [
      ...table([["layer", "kernel", "ms", "share", "GFLOP/s"], ...rows(measured)], "llrrr"),
      "",
      `${network}, ${isa}, ${simdBits} bits, one thread: ${ms.toFixed(2)} ms a picture, ${gflops({ macs, ms })} GFLOP/s`,
    ].join("\n"),
  );
}

function rows({ steps, ms }: Profile): string[][] {
  return steps.map((step) => [
    step.layer,
    step.kernel,
    step.ms.toFixed(3),
    `${((100 * step.ms) / ms).toFixed(1)} %`,
    step.macs > 0 ? gflops(step) : "",
  ]);
}

/** Counts a multiply-add as two operations. */
function gflops({ macs, ms }: Pick<StepProfile, "macs" | "ms">): string {
  return ((2 * macs) / ms / 1e6).toFixed(1);
}
