// `npm run bench:extract`: compares our command with the pipeline of @huggingface/transformers with native ONNX Runtime,
// from JPEG files to features, on the same files, network and weights; see README.md.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cosine } from "mobilenets/search";
import sharp from "sharp";
import { openStore } from "../packages/cli/src/store/read-store.ts";
import type { Graph } from "../packages/mobilenets/src/graph/graph.ts";
import { writeOnnx } from "../packages/mobilenets/src/weights/onnx/write.ts";
import { table } from "./report.ts";
import { modelOf, safetensors } from "./subject.ts";

const { values } = parseArgs({
  options: {
    pictures: { type: "string", default: "1000" },
    rounds: { type: "string", default: "3" },
    photographs: { type: "string", default: "packages/cli/playground/assets" },
  },
});
const [pictures, rounds] = [Number(values.pictures), Number(values.rounds)];
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const root = mkdtempSync(join(tmpdir(), "mobilenets-bench-extract-"));

/** Writes different photographs of 800 x 600 and larger, compressed as cameras do. */
async function writePictures(dir: string): Promise<void> {
  mkdirSync(dir);
  const sources = readdirSync(values.photographs).filter((name) => /\.jpe?g$/i.test(name));
  const photographs = sources.map((name) => readFileSync(join(values.photographs, name)));
  for (let i = 0; i < pictures; i++) {
    const [width, height] = [800 + ((i * 37) % 800), 600 + ((i * 53) % 600)];
    await sharp(photographs[i % photographs.length])
      .resize(width, height, { fit: "cover" })
      .modulate({ hue: (i * 47) % 360, brightness: 0.8 + (i % 5) / 10 })
      .jpeg({ quality: 88 })
      .toFile(join(dir, `${String(i).padStart(5, "0")}.jpg`));
  }
}

/** Writes MobileNetV2 up to its pooled features, in each contender's format. */
async function writeModels(): Promise<void> {
  const model = modelOf("mobilenet_v2");
  const { program } = model;
  writeFileSync(join(root, "model.safetensors"), safetensors("mobilenet_v2"));
  const graph = renamed(program.graph);
  const { bytes } = await writeOnnx({ ...model, program: { graph, weights: program.weights } });
  const folder = join(root, "models", "network");
  mkdirSync(join(folder, "onnx"), { recursive: true });
  writeFileSync(join(folder, "onnx", "model.onnx"), bytes);
  writeFileSync(join(folder, "config.json"), JSON.stringify({ model_type: "mobilenet_v2" }));
  const crop = { height: 224, width: 224 };
  writeFileSync(
    join(folder, "preprocessor_config.json"),
    JSON.stringify({
      ...{
        image_processor_type: "MobileNetV2ImageProcessor",
        do_resize: true,
        size: { shortest_edge: 256 },
        resample: 2,
      },
      ...{ do_center_crop: true, crop_size: crop, do_rescale: true, rescale_factor: 1 / 255 },
      ...{ do_normalize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
    }),
  );
}

/** Cuts the graph at the pooling, with the pipeline's names for input and output. */
function renamed(graph: Graph): Graph {
  const end = graph.nodes.findIndex(({ op }) => op === "global_average_pooling2d");
  const nodes = graph.nodes.slice(0, end + 1);
  const names: Record<string, string> = { [graph.input.name]: "pixel_values", [nodes[end].name]: "image_embeds" };
  const name = (old: string) => names[old] ?? old;
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return {
    ...graph,
    input: { ...graph.input, name: "pixel_values" },
    params: Object.fromEntries(Object.entries(graph.params).filter(([param]) => used.has(param))),
    nodes: nodes.map((node) => ({
      ...{ ...node, name: name(node.name), inputs: node.inputs.map(name) },
      // A vector, like the output of the pipeline's other networks.
      ...(node.name === nodes[end].name && {
        attrs: { ...node.attrs, keepdims: false },
        shape: [1, node.shape.at(-1)!],
      }),
    })),
    outputs: ["image_embeds"],
  };
}

interface Result {
  readonly seconds: number;
  /** CPU time including the process's start, which is more reliable than seconds on a busy machine. */
  readonly cpuSeconds: number;
  readonly memoryMb: number;
  readonly features: readonly (readonly number[])[];
}

/** A script that prints the CPU time of a process's threads as the last line of stderr. */
const meter = `data:text/javascript,import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write("\\n" + (user + system) / 1e6);
});`;

/** Runs a script and returns its JSON output and CPU time. */
function measured(script: string, args: readonly string[]) {
  const all = ["--import", meter, "--import", here("extract/native.mjs"), script, ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, all, { encoding: "utf8", maxBuffer: 1e9 });
  if (status !== 0) throw new Error(stderr);
  return { ...JSON.parse(stdout), cpuSeconds: Number(stderr.trim().split("\n").at(-1)) };
}

async function ours(more: readonly string[]): Promise<Result> {
  const out = join(root, `out-${Math.random()}`);
  const args = ["extract", join(root, "pictures"), "--out", out, "--format", "parquet", "--json", "--quiet", ...more];
  const command = here("../packages/cli/bin/mobilenets.js");
  const weights = ["--weights", join(root, "model.safetensors")];
  const { seconds, cpuSeconds, memoryMb, rows } = measured(command, [...args, ...weights]);
  if (rows !== pictures) throw new Error(`${rows} rows of ${pictures}`);
  const store = await openStore(out);
  const vectors = await store.read(0, Math.min(20, rows));
  const dim = store.dimensions;
  const features = Array.from({ length: vectors.length / dim }, (_, i) => [
    ...vectors.subarray(i * dim, (i + 1) * dim),
  ]);
  rmSync(out, { recursive: true });
  return { seconds, cpuSeconds, memoryMb, features };
}

function theirs(batch: number): Result {
  return measured(here("extract/peer.mjs"), [join(root, "models"), join(root, "pictures"), String(batch)]);
}

const contenders: Readonly<Record<string, () => Promise<Result> | Result>> = {
  "ours, WebAssembly": () => ours([]),
  "ours, onnxruntime": () => ours(["--engine", "onnxruntime"]),
  "ours, whole decode": () => ours(["--full-decode"]),
  "transformers.js, one by one": () => theirs(1),
  "transformers.js, batches of 8": () => theirs(8),
};

try {
  await writePictures(join(root, "pictures"));
  await writeModels();
  console.log(`Node ${process.versions.node}, ${pictures} JPEG files of 800 x 600 to 1,599 x 1,199, MobileNetV2`);
  const results: Record<string, Result[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const result = await run();
      results[name] = [...(results[name] ?? []), result];
      const load = loadavg()[0].toFixed(1);
      const cpu = (1000 * result.cpuSeconds) / pictures;
      const rate = (pictures / result.seconds).toFixed(1);
      console.log(`${name}: ${rate}/s, ${cpu.toFixed(1)} ms of processor each, ${result.memoryMb} MB, load ${load}`);
    }
  }
  const reference = results["ours, whole decode"][0].features;
  const rows = Object.entries(results).map(([name, runs]) => {
    // Other work of the machine only adds to a time.
    const best = Math.max(...runs.map(({ seconds }) => pictures / seconds));
    const cpu = Math.min(...runs.map(({ cpuSeconds }) => (1000 * cpuSeconds) / pictures));
    const memory = Math.max(...runs.map(({ memoryMb }) => memoryMb));
    const alike = runs[0].features.map((one, i) => cosine(Float32Array.from(one), Float32Array.from(reference[i])));
    return [name, best.toFixed(1), cpu.toFixed(1), String(memory), Math.min(...alike).toFixed(4)];
  });
  const head = [
    "",
    "pictures/s, best round",
    "ms of processor each",
    "MB at most",
    "least cosine with the whole decode",
  ];
  console.log(`\n${table(head, rows)}`);
} finally {
  rmSync(root, { recursive: true });
}
