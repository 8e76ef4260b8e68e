// `npm run bench:kernels`: compares each kernel with the processor's peak; see README.md.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { supports } from "../packages/mobilenets/src/kernels/modules.ts";
import type { Isa } from "../packages/mobilenets/src/kernels/wat.ts";
import { networkNames } from "../packages/mobilenets/src/models/networks.ts";
import { type LayerTime, type NetworkTime, timeLayers } from "./kernels/layers.ts";
import { peakOf } from "./kernels/peak.ts";
import { circumstances } from "./machine.ts";
import { keep, preamble, table } from "./report.ts";
import { subject } from "./subject.ts";
import { NODE_FLAG } from "./wide.ts";

const { quick, wide } = parseArgs({
  options: { quick: { type: "boolean", default: false }, wide: { type: "boolean", default: false } },
}).values;
if (wide) rerunWithFlag();
const [rounds, warmUpMs] = quick ? [1, 500] : [12, 3000];

/** Whether V8 has the flag to fuse two operations of 128 bits into one of 256. */
const isWide = process.execArgv.includes(NODE_FLAG);

/** Runs this program again in a process with the flag, which V8 reads only at its start. */
function rerunWithFlag(): never {
  const args = process.argv.slice(1).filter((arg) => arg !== "--wide");
  process.exit(
    spawnSync(process.execPath, [NODE_FLAG, ...process.execArgv, ...args], { stdio: "inherit" }).status ?? 1,
  );
}

interface IsaTimes {
  /** Floating-point operations per millisecond. */
  readonly peak: number;
  readonly networks: Readonly<Record<string, NetworkTime>>;
}

async function measure(isa: Isa): Promise<IsaTimes> {
  const peak = await peakOf(isa);
  const peaks = [peak()];
  const networks: Record<string, NetworkTime> = {};
  for (const name of networkNames) {
    networks[name] = await timeLayers(subject(name), isa, rounds, warmUpMs, isWide ? 256 : 128);
    peaks.push(peak());
  }
  return { peak: Math.max(...peaks), networks };
}

/** Lists all distinct kernel calls of the networks, then each kernel's mean over the networks, weighted by work. */
function report(isa: Isa, { peak, networks }: IsaTimes): string {
  const rate = (macs: number, ms: number) => (2 * macs) / ms;
  const cells = (macs: number, ms: number) => [
    (rate(macs, ms) / 1e6).toFixed(1),
    `${((100 * rate(macs, ms)) / peak).toFixed(0)} %`,
  ];
  const all = Object.values(networks).flatMap(({ layers }) => layers);
  const unique = new Map<string, LayerTime>();
  for (const layer of all) {
    const key = `${layer.kernel} ${layer.shape}`;
    const known = unique.get(key);
    if (!known || layer.ms < known.ms) unique.set(key, layer);
  }
  const layers = [...unique.values()].sort((a, b) => a.kernel.localeCompare(b.kernel) || b.macs - a.macs);
  const kernels = [...new Set(layers.map(({ kernel }) => kernel))];
  const sum = (list: readonly LayerTime[], key: "macs" | "ms") => list.reduce((total, layer) => total + layer[key], 0);
  return [
    `### ${isa}${isWide ? ", V8's staged 256 bits" : ""}: peak ${(peak / 1e6).toFixed(1)} GFLOP/s`,
    table(
      ["kernel", "shape", "MMAC", "us", "GFLOP/s", "of peak"],
      layers.map(({ kernel, shape, macs, ms }) => [
        kernel,
        shape,
        (macs / 1e6).toFixed(2),
        (ms * 1e3).toFixed(1),
        ...cells(macs, ms),
      ]),
    ),
    table(
      ["kernel, all layers of all networks", "GFLOP/s", "of peak"],
      kernels.map((kernel) => {
        const own = all.filter((layer) => layer.kernel === kernel);
        return [kernel, ...cells(sum(own, "macs"), sum(own, "ms"))];
      }),
    ),
    table(
      ["network, a whole run", "MMAC", "ms", "GFLOP/s", "of peak"],
      Object.entries(networks).map(([name, { macs, ms }]) => [
        name,
        (macs / 1e6).toFixed(0),
        ms.toFixed(2),
        ...cells(macs, ms),
      ]),
    ),
  ].join("\n\n");
}

const facts = circumstances(`Node ${process.versions.node}`, []);
console.log(preamble(facts));
const results: Partial<Record<Isa, IsaTimes>> = {};
for (const isa of isWide ? (["relaxed"] as const) : (["simd", "relaxed"] satisfies Isa[])) {
  if (supports(isa)) {
    results[isa] = await measure(isa);
    console.log(`\n${report(isa, results[isa])}`);
  } else {
    console.log(`\n### ${isa}: this Node does not know it`);
  }
}
console.log(`\n${keep("kernels", facts, { results })}`);
