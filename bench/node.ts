// `npm run bench`: compares us with the peers that run in Node; see README.md.
import { rmSync } from "node:fs";
import { compare, tables } from "./compare.ts";
import { circumstances } from "./machine.ts";
import { writeModels } from "./models.ts";
import { nodeSeat } from "./node/seats.ts";
import { readOptions } from "./options.ts";
import { keep, preamble } from "./report.ts";
import { plain } from "./wide.ts";

const options = readOptions(["ours", "onnxruntime-web", "tfjs", "onnxruntime-node"]);
const facts = circumstances(`Node ${process.versions.node}`, options.contenders.map(plain));
console.log(preamble(facts));
const models = await writeModels(options.networks);
try {
  const scores = await compare(options, (order) => nodeSeat(models, order));
  console.log(`\n${tables(options, scores)}\n\n${keep("node", facts, { pace: options.pace, scores })}`);
} finally {
  rmSync(models, { recursive: true });
}
