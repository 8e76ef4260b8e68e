import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Model, OptionError, type Preprocessing } from "mobilenets";
import { printGraph } from "mobilenets/graph";
import { isWeightsName } from "../load-model.ts";
import { modelOptions } from "../network-options.ts";
import { parseJsonObject } from "../read-json.ts";
import type { RunFlags } from "../run-options.ts";
import type { VectorDtype } from "../store/parquet/columns.ts";
import { version } from "../version.ts";
import { writeAtomic } from "../write-atomic.ts";

export const RUN = "run.json";

/** All settings that decide the numbers. A run continues only if its record is unchanged. */
export interface RunRecord {
  readonly version: string;
  readonly network: string;
  /** Options of the command line. */
  readonly options: object;
  /** Hash of the graph and its weights, hexadecimal. */
  readonly model: string;
  readonly engine: string;
  readonly preprocessing: Preprocessing;
  readonly layer: string | null;
  /** Numbers per row. */
  readonly dim: number;
  /** Settings of a store of Parquet parts. Missing for `features.npy`. */
  readonly parts?: PartsRecord;
  /**
   * Where the model came from. `similar` loads it again from there. The source decides no numbers: weights may move.
   * Missing in records of earlier versions.
   */
  readonly source?: ModelSource;
}

export interface PartsRecord {
  readonly dtype: VectorDtype;
  /** Number of best classes recorded per picture. Null for none. */
  readonly topK: number | null;
  /** Whether JPEG files are decoded at a reduced scale if it suffices. */
  readonly decode: "reduced" | "full";
  /** Most pictures in a part. Decides no numbers. */
  readonly chunkSize: number;
}

/** The weights' options on the command line. */
export interface ModelSource {
  /** A name, a URL, or an absolute path. */
  readonly weights: string;
  /** Undefined if the weights name the network. */
  readonly network?: string;
  /** For random weights. */
  readonly seed?: number;
}

export function describeRun(model: Model, flags: RunFlags, layer: string | undefined): Omit<RunRecord, "dim"> {
  const options = Object.fromEntries(Object.entries(modelOptions(flags)).filter(([, value]) => value !== undefined));
  return {
    version,
    network: model.name,
    options,
    model: fingerprint(model),
    engine: model.engine,
    preprocessing: model.preprocessing,
    layer: layer ?? null,
    source: { weights: lasting(flags.weights ?? "imagenet"), network: flags.network, seed: flags.seed },
  };
}

/** Makes paths absolute, so they hold in every folder. */
function lasting(weights: string): string {
  return isWeightsName(weights) ? weights : resolve(weights);
}

/** @returns undefined if `dir` has no run */
export async function readRun(dir: string): Promise<RunRecord | undefined> {
  const path = join(dir, RUN);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const record = parseJsonObject(text, path, "--overwrite starts anew");
  if (Number.isInteger(record.dim) && (record.dim as number) > 0) return complete(record as unknown as RunRecord);
  const found = `dim ${JSON.stringify(record.dim)}`;
  throw new OptionError({ where: path, found, expected: "an integer above 0", hint: "--overwrite starts anew" });
}

/** Old records have no resizing: it was our own. A damaged record stays as it is. */
function complete(record: RunRecord): RunRecord {
  if (typeof record.preprocessing !== "object" || record.preprocessing === null) return record;
  return { ...record, preprocessing: { resize: "mobilenets", ...record.preprocessing } };
}

/**
 * The network's input, if the run decoded JPEG files at a reduced scale that suffices for it. Pictures to compare with
 * the run's must be decoded so too.
 */
export function reducedInput({ parts, preprocessing }: RunRecord): Preprocessing | undefined {
  return parts?.decode === "reduced" ? preprocessing : undefined;
}

export function writeRun(dir: string, run: RunRecord): Promise<void> {
  return writeAtomic(join(dir, RUN), `${JSON.stringify(run, null, 2)}\n`);
}

/**
 * @param begun the record on disk
 * @throws OptionError naming the first difference
 */
export function checkSameRun(dir: string, begun: RunRecord, now: Omit<RunRecord, "dim">): void {
  const before = flatten(begun);
  const after = flatten({ ...now, dim: begun.dim });
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (key.startsWith("source.") || key === "parts.chunkSize") continue;
    if (before.get(key) === after.get(key)) continue;
    throw new OptionError({
      where: join(dir, RUN),
      found: `a run begun with ${key} ${before.get(key) ?? "left open"}`,
      expected: after.get(key) ?? "it left open",
      hint: "--overwrite starts anew, --out elsewhere keeps both",
    });
  }
}

/** `preprocessing.mean` -> `[127.5,127.5,127.5]` */
function flatten(value: object, prefix = ""): Map<string, string> {
  const entries = Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? [...flatten(inner, `${prefix}${key}.`)] : [[prefix + key, JSON.stringify(inner)]];
  });
  return new Map(entries);
}

/** Hash of a graph and its weights, hexadecimal. */
export function fingerprint({ program: { graph, weights } }: Pick<Model, "program">): string {
  const hash = createHash("sha256").update(printGraph(graph));
  for (const name of Object.keys(weights).sort()) {
    const { data, shape } = weights[name];
    hash.update(`${name} ${shape}`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}
