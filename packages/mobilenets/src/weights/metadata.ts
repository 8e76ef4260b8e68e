import { MobileNetsError, WeightsError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { checkPreprocessing, type Preprocessing } from "../image/preprocessing.ts";
import { isNetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { show } from "../show.ts";
import { parseStrictJson } from "./containers/strict-json.ts";
import type { WritableModel } from "./safetensors/model-file.ts";
import type { WeightFile } from "./weight-file.ts";

/** Deepest JSON. The deepest that we write is a graph's padding attribute, at level 5. */
const MAX_DEPTH = 16;

/** Raised when older versions of this package would misread new files. Early files of version 1 lack it. */
const VERSION = 1;

/** Everything in a weight file except the tensors. */
export type Metadata = Omit<WeightFile, "tensors">;

/**
 * Metadata of a model, for formats with key-value texts: the network with its options (or the whole graph if it is not
 * ours), preprocessing and labels. All values except the network's name are JSON.
 */
export function writeMetadata({
  program,
  network,
  options,
  preprocessing,
  labels,
}: WritableModel): Record<string, string> {
  return {
    metadata_version: `${VERSION}`,
    ...(network ? { network, options: JSON.stringify(options ?? {}) } : { graph: JSON.stringify(program.graph) }),
    preprocessing: JSON.stringify(preprocessing),
    ...(labels.length > 0 && { labels: JSON.stringify(labels) }),
  };
}

/**
 * Reads the result of `writeMetadata`. The result lacks missing keys; other keys are ignored.
 * @throws WeightsError if a value is invalid, or from a newer version
 */
export async function readMetadata(
  metadata: Readonly<Record<string, string | undefined>>,
  where: string,
): Promise<Metadata> {
  checkVersion(metadata.metadata_version ?? "1", where);
  const { network } = metadata;
  if (network !== undefined && !isNetworkName(network)) {
    throw new WeightsError({ where, found: `metadata of an unknown network ${show(network)}` });
  }
  const values = {
    options: parse(metadata.options, "options", where),
    preprocessing: parse(metadata.preprocessing, "preprocessing", where),
    labels: parse(metadata.labels, "labels", where),
    graph: parse(metadata.graph, "graph", where),
  };
  return {
    network,
    options: values.options === undefined ? undefined : checkOptions(values.options, where),
    preprocessing: use(values.preprocessing, "preprocessing", where, usable),
    labels: values.labels === undefined ? undefined : checkLabels(values.labels, where),
    graph: await graphOf(values.graph, where),
  };
}

/** Checks a graph. The check is loaded only if there is one, because pages load networks by name. */
async function graphOf(value: unknown, where: string): Promise<Graph | undefined> {
  if (value === undefined) return undefined;
  const { checkForeignGraph } = await import("../graph/check-foreign.ts");
  return use(value, "graph", where, checkForeignGraph);
}

function checkVersion(version: string, where: string): void {
  if (version === `${VERSION}`) return;
  const newer = Number(version) > VERSION;
  throw new WeightsError({
    where,
    found: `metadata_version ${show(version)}`,
    expected: `${VERSION}`,
    hint: newer ? "a newer version of mobilenets wrote this file: update the package" : undefined,
  });
}

function parse(text: string | undefined, key: string, where: string): unknown {
  if (text === undefined) return undefined;
  try {
    return parseStrictJson(text, MAX_DEPTH);
  } catch (cause) {
    throw new WeightsError({ where, found: `metadata "${key}" that is not acceptable JSON` }, { cause });
  }
}

/** Checks that options are an object; their network later resolves or refuses the values. */
function checkOptions(value: unknown, where: string): ModelOptions {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new WeightsError({ where, found: `metadata "options" ${show(value)}`, expected: "an object" });
}

function checkLabels(value: unknown, where: string): readonly string[] {
  if (Array.isArray(value) && value.every((label) => typeof label === "string")) return value;
  throw new WeightsError({ where, found: `metadata "labels" ${show(value)}`, expected: "a list of names" });
}

/** Checks preprocessing. Older files without a `resize` mean our own fitting. */
function usable(value: unknown): Preprocessing {
  checkPreprocessing(value);
  return { ...value, resize: value.resize ?? "mobilenets" };
}

/** Applies a check to a value, and turns any of its errors into a WeightsError. */
function use<T>(value: unknown, key: string, where: string, check: (value: unknown) => T): T | undefined {
  if (value === undefined) return undefined;
  try {
    return check(value);
  } catch (cause) {
    const reason = cause instanceof MobileNetsError ? cause.message : "not valid";
    throw new WeightsError({ where, found: `metadata "${key}" that cannot be used (${reason})` }, { cause });
  }
}
