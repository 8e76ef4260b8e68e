import { parseArgs } from "node:util";
import { checkNetworkName, type NetworkName } from "../packages/mobilenets/src/models/networks.ts";
import type { Pace } from "./contest.ts";
import { widened } from "./wide.ts";

export interface Options {
  readonly networks: readonly NetworkName[];
  readonly threads: readonly number[];
  /** Contenders, always with `ours`, with which all others are compared. */
  readonly contenders: readonly string[];
  readonly pace: Pace;
  readonly quick: boolean;
}

const full: Pace = { warmUpRuns: 10, warmUpMs: 3000, rounds: 21, turnMs: 200 };
/** The networks that every contender runs. */
const NETWORKS: readonly NetworkName[] = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"];

/** WebAssembly contenders whose kernels V8 can widen; `--wide` runs them a second time. */
const WIDENABLE = ["ours", "litert", "onnxruntime-web"];

/** A quick run to test the benchmark; its figures mean little. */
const quick: Pace = { warmUpRuns: 10, warmUpMs: 1500, rounds: 5, turnMs: 50 };

export function readOptions(contenders: readonly string[]): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      networks: { type: "string", default: NETWORKS.join(",") },
      threads: { type: "string", default: "1,2" },
      contenders: { type: "string", default: contenders.join(",") },
      wide: { type: "boolean", default: false },
    },
  });
  const pace = values.quick ? quick : full;
  const all = ["ours", ...values.contenders.split(",").filter((name) => name !== "ours")];
  const chosen = values.contenders.split(",");
  const unknown = chosen.filter((name) => !contenders.includes(name));
  if (unknown.length > 0) throw new Error(`no contender ${unknown}; there are ${contenders.join(", ")}`);
  return {
    networks: values.networks.split(",").map(checkNetworkName),
    threads: values.threads.split(",").map(Number),
    contenders: values.wide ? [...all, ...WIDENABLE.filter((name) => all.includes(name)).map(widened)] : all,
    pace: { ...pace, rounds: values.rounds ? Number(values.rounds) : pace.rounds },
    quick: values.quick,
  };
}
