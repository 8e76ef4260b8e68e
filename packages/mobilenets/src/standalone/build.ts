import { checkOptions } from "../check-options.ts";
import { MemoryMap } from "../engines/memory-map.ts";
import { writeStep } from "../engines/write-plan.ts";
import { EngineError, OptionError, UnsupportedError } from "../errors.ts";
import { fittingOf } from "../image/fitting.ts";
import { checkPreprocessing } from "../image/preprocessing.ts";
import { coreKernels, type KernelTable } from "../kernels/kernel-table.ts";
import { kernelBytes } from "../kernels/modules.ts";
import { STEP_BYTES } from "../kernels/signatures.ts";
import type { Isa } from "../kernels/wat.ts";
import { optimiseForPacking } from "../passes/optimise.ts";
import { compile } from "../plan/compile.ts";
import type { MapLayout } from "../plan/layout.ts";
import { extensionOf } from "../plan/lower.ts";
import type { Placed, Plan } from "../plan/plan.ts";
import { show } from "../show.ts";
import type { WritableModel } from "../weights/safetensors/model-file.ts";
import { toBase64 } from "./base64.ts";
import type { Description, WeightsType } from "./description.ts";
import { type Answers, answersOf } from "./outputs.ts";
import { bytesOf } from "./runtime/bytes.ts";
import { storeMemory } from "./store.ts";
import { declarations, oneModule, type SplitNames, splitModule, workerDeclarations, workerModule } from "./texts.ts";

/** Options of `buildStandalone`. */
export interface StandaloneOptions {
  /** Name of the module, `.js` or `.mjs`; its other files are named after it. Default `classifier.js`. */
  readonly file?: string;
  /** How weights are stored. The file always computes with float32; only `float32` gives the model's numbers. Default `float32`. */
  readonly weightsType?: WeightsType;
  /** `both`: relaxed SIMD too, for hosts that have it. `simd`: about 115 kB less, and slower there. Default `both`. */
  readonly kernels?: "both" | "simd";
  /** Writes kernels and weights to separate files, `.wasm` and `.bin`, and adds a module for Workers. Default false. */
  readonly split?: boolean;
  /** False leaves the classifier out. Default true. */
  readonly classify?: boolean;
}

/** The files of a build. */
export interface Standalone {
  /** Contents by name, the module first. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** Number of classes; 0 for features only. */
  readonly classes: number;
  /** Length of the vectors that `embed` gives. */
  readonly features: number;
}

/** The types in which a build can store weights. */
export const weightsTypes: readonly WeightsType[] = ["float32", "float16", "int8"];

const optionNames = ["file", "weightsType", "kernels", "split", "classify"] satisfies (keyof StandaloneOptions)[];

/**
 * Builds one ES module that needs nothing else: it holds kernels, plan, weights, labels and preprocessing. It exports
 * `classify`, `embed`, `labels`, `preprocessing` and `load`, and runs on one thread in browsers, Node 20, Deno and Bun;
 * with `split` in Workers too.
 * @throws OptionError for an unknown option
 * @throws EngineError for a network with an op that no kernel computes
 * @throws WeightsError for weights that are NaN or infinite
 */
export async function buildStandalone(model: WritableModel, options: StandaloneOptions = {}): Promise<Standalone> {
  checkOptions("buildStandalone", options, optionNames);
  const { file = "classifier.js", weightsType = "float32", kernels = "both", split = false, classify = true } = options;
  checkOneOf("weightsType", weightsType, weightsTypes);
  checkOneOf("kernels", kernels, ["both", "simd"]);
  const names = namesOf(file, kernels);
  const { preprocessing, labels } = model;
  checkPreprocessing(preprocessing);
  // Throws for an unknown `resize`; the error names the known ones.
  await fittingOf(preprocessing);

  const answers = answersOf(model.program.graph, classify);
  const { plan, weights, table, outputs } = await planOf(model, answers);
  const { segments, payload } = storeMemory(plan, weights, stepRecords(plan, table), weightsType);
  const [first] = plan.outputs;
  const classes = answers.classes ? first : null;
  const embedding = plan.outputs[plan.outputs.length - 1];
  const { activation } = (answers.classes?.attrs ?? {}) as { activation?: string };
  const isOneOfTwo = classes?.channels === 1 && labels.length !== 1 && activation === "sigmoid";
  const last = plan.steps.findLastIndex(({ node }) => node === outputs[outputs.length - 1]);
  const described: Omit<Description, "id"> = {
    name: plan.name,
    preprocessing,
    labels: classes ? labels : [],
    memory: new MemoryMap(plan, 1).bytes,
    payload: payload.length,
    segments,
    stepsAt: plan.stepsAt,
    // A view has no step of its own.
    steps: { classes: plan.steps.length, embedding: last < 0 ? plan.steps.length : last + 1 },
    input: plain(plan.input),
    classes: classes && plain(classes),
    binary: isOneOfTwo,
    embedding: plain(embedding),
  };
  const description: Description = { ...described, id: idOf(payload, JSON.stringify(described)) };
  // A dynamic import: bundlers give this long text a file of its own.
  const { runtime } = await import("./generated/runtime.ts");
  const parts = { description, runtime };
  const isas: readonly Isa[] = kernels === "both" ? ["relaxed", "simd"] : ["simd"];
  const texts = Object.fromEntries(
    await Promise.all(isas.map(async (isa) => [isa, toBase64(await kernelBytes(plan.module, isa))])),
  );
  const files = split
    ? splitFiles(parts, names, texts, payload)
    : {
        [names.module]: encode(oneModule(parts, texts, toBase64(payload))),
        [typesOf(names.module)]: encode(declarations(description, false)),
      };
  return { files, classes: classes ? numbersOf(classes) : 0, features: numbersOf(embedding) };
}

/** The plan for one thread, its weights and kernel table, and the names of its outputs after the passes. */
async function planOf({ program }: WritableModel, { graph }: Answers) {
  const optimised = optimiseForPacking({ graph, weights: program.weights });
  const extension = await extensionOf(optimised.graph);
  try {
    const plan = compile(optimised.graph, 1, extension);
    const table: KernelTable = extension?.kernels ?? coreKernels;
    return { plan, weights: optimised.weights, table, outputs: optimised.graph.outputs };
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    const hint = "only networks that the WebAssembly engine runs can be built";
    throw new EngineError({ where: error.where, found: error.found, expected: error.expected, hint }, { cause: error });
  }
}

function stepRecords(plan: Plan, table: KernelTable): Uint8Array {
  const records = new Uint8Array(plan.steps.length * STEP_BYTES);
  const view = new DataView(records.buffer);
  plan.steps.forEach((step, i) => {
    writeStep(step, table, i * STEP_BYTES, view);
  });
  return records;
}

function splitFiles(
  parts: Parameters<typeof splitModule>[0],
  names: SplitNames,
  texts: Readonly<Partial<Record<Isa, string>>>,
  payload: Uint8Array,
): Standalone["files"] {
  const { description } = parts;
  const hasClasses = description.classes !== null;
  const id = encode(description.id);
  const weights = new Uint8Array(id.length + payload.length);
  weights.set(id);
  weights.set(payload, id.length);
  const worker = names.module.replace(/\.m?js$/, (ending) => `.worker${ending}`);
  return {
    [names.module]: encode(splitModule(parts, names)),
    [typesOf(names.module)]: encode(declarations(description, true)),
    ...Object.fromEntries(
      Object.entries(names.kernels).map(([isa, name]) => [name, bytesOf(texts[isa as Isa] as string)]),
    ),
    [names.weights]: weights,
    [worker]: encode(workerModule(names, hasClasses)),
    [typesOf(worker)]: encode(workerDeclarations(names.module, hasClasses)),
  };
}

function namesOf(file: string, kernels: "both" | "simd"): SplitNames {
  if (typeof file !== "string" || !/^[^/\\]+\.m?js$/.test(file)) {
    const expected = "the name of an ES module, such as classifier.js or classifier.mjs";
    throw new OptionError({ where: "file", found: show(file), expected });
  }
  const base = file.replace(/\.m?js$/, "");
  const relaxed = kernels === "both" ? { relaxed: `${base}.relaxed.wasm` } : {};
  return { module: file, kernels: { simd: `${base}.wasm`, ...relaxed }, weights: `${base}.bin` };
}

/** `classifier.d.ts`, `classifier.d.mts` */
const typesOf = (module: string) => module.replace(/\.(m?)js$/, ".d.$1ts");

function checkOneOf(where: string, value: string, names: readonly string[]): void {
  if (names.includes(value)) return;
  throw new OptionError({ where, found: show(value), expected: `one of ${names.join(", ")}` });
}

/** A value's place and layout, without the planner's other fields. */
function plain({
  images,
  height,
  width,
  channels,
  element,
  zero,
  cs,
  frame,
  at,
}: Placed<MapLayout>): Placed<MapLayout> {
  return { images, height, width, channels, element, zero, cs, frame, at };
}

const numbersOf = ({ images, height, width, channels }: MapLayout) => images * height * width * channels;

const encode = (text: string) => new TextEncoder().encode(text);

/** Identifies a build: two 32-bit FNV-1a hashes, one of the bytes, one of the bytes xor their index. Not for security. */
function idOf(payload: Uint8Array, text: string): string {
  let a = 0x811c9dc5;
  let b = 0x811c9dc5;
  for (const bytes of [payload, encode(text)]) {
    for (let i = 0; i < bytes.length; i++) {
      a = Math.imul(a ^ bytes[i], 0x01000193);
      b = Math.imul(b ^ (bytes[i] ^ (i & 255)), 0x01000193);
    }
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
