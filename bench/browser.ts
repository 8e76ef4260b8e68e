// `npm run bench:browser`: compares us with the peers in headless Chromium; see README.md.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./browser/bundle.ts";
import { type FirstResults, firstResults } from "./browser/first.ts";
import { browserSeat, launch } from "./browser/seats.ts";
import { serve } from "./browser/server.ts";
import { compare, tables } from "./compare.ts";
import { circumstances } from "./machine.ts";
import { writeModels } from "./models.ts";
import { readOptions } from "./options.ts";
import { keep, preamble, table } from "./report.ts";
import { median } from "./statistics.ts";
import { plain } from "./wide.ts";

const options = readOptions(["ours", "litert", "onnxruntime-web", "tfjs"]);
const peer = (path: string) => fileURLToPath(new URL(`./node_modules/${path}`, import.meta.url));

async function chromiumVersion(): Promise<string> {
  const browser = await launch();
  const version = browser.version();
  await browser.close();
  return version;
}

function firstTable({ navigation, opening }: FirstResults): string {
  const [ours, litert, bare] = [navigation.ours, navigation.litert, navigation.bare].map(median);
  const row = (what: string, ms: number) => [what, ms.toFixed(0), (ms / litert).toFixed(2)];
  return table(
    ["V3-small, 1 thread", "ms", "/ LiteRT.js"],
    [
      row("LiteRT.js, from navigation to the first result", litert),
      row("ours, from navigation to the first result", ours),
      row("a page that only fetches the model", bare),
      ["ours, from load(), bytes in memory, to the first result", median(opening).toFixed(1), ""],
    ],
  );
}

const facts = circumstances(`Chromium ${await chromiumVersion()}`, options.contenders.map(plain));
console.log(preamble(facts));
const models = await writeModels(options.networks);
const app = join(models, "app");
const scripts = await bundle([...new Set(options.contenders.map(plain)), "ours-batch", "bare"], app);
const server = await serve(
  new Map([
    ["app", app],
    ["models", models],
    ["litert", peer("@litertjs/core/wasm")],
    ["ort", peer("onnxruntime-web/dist")],
    ["tfjs", peer("@tensorflow/tfjs-backend-wasm/dist")],
  ]),
  scripts,
);
try {
  const scores = await compare(options, (order) => browserSeat(server.url, order));
  console.log(`\n${tables(options, scores)}`);
  const small = options.networks.includes("mobilenet_v3_small") && options.contenders.includes("litert");
  const first = small ? await firstResults(server, options.quick ? 3 : 11) : undefined;
  if (first) console.log(`\n### First result\n\n${firstTable(first)}`);
  console.log(`\n${keep("browser", facts, { pace: options.pace, scores, first })}`);
} finally {
  server.close();
  rmSync(models, { recursive: true });
}
