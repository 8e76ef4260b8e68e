import { MobileNetsError, WeightsError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { checkPreprocessing, type Preprocessing } from "../image/preprocessing.ts";
import { isNetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { show } from "../show.ts";
import { parseStrictJson } from "./containers/strict-json.ts";
import type { WritableModel } from "./safetensors/model-file.ts";
import type { WeightFile } from "./weight-file.ts";

/** A graph's padding attribute is the deepest we write, at level 5. */
const MAX_DEPTH = 16;

/** Raised when older copies of this package would misread what we write. Version 1 did not say so at first. */
const VERSION = 1;

/** Everything a weight file says but the tensors. */
export type Metadata = Omit<WeightFile, "tensors">;

/**
 * What is saved of a model beside its weights, for formats that carry key-value texts: the network with its options (or
 * the whole graph where it is none of ours), preprocessing and labels. All but the network's name are JSON.
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
 * Takes what `writeMetadata` wrote; keys that are missing are left out of the result, others ignored.
 * @throws WeightsError if a value cannot be what `writeMetadata` writes, or comes from a newer version
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

/** The check of whole graphs is loaded only for a graph, as pages load networks by name. */
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

/** The network that the values are for resolves them, or refuses them. */
function checkOptions(value: unknown, where: string): ModelOptions {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new WeightsError({ where, found: `metadata "options" ${show(value)}`, expected: "an object" });
}

function checkLabels(value: unknown, where: string): readonly string[] {
  if (Array.isArray(value) && value.every((label) => typeof label === "string")) return value;
  throw new WeightsError({ where, found: `metadata "labels" ${show(value)}`, expected: "a list of names" });
}

/** Files from before there was a choice mean ours, whatever network they are of. */
function usable(value: unknown): Preprocessing {
  checkPreprocessing(value);
  return { ...value, resize: value.resize ?? "mobilenets" };
}

/** Checks a value. The check may throw errors of its own for a form that a file has made up. */
function use<T>(value: unknown, key: string, where: string, check: (value: unknown) => T): T | undefined {
  if (value === undefined) return undefined;
  try {
    return check(value);
  } catch (cause) {
    const reason = cause instanceof MobileNetsError ? cause.message : "it is none";
    throw new WeightsError({ where, found: `metadata "${key}" that cannot be used (${reason})` }, { cause });
  }
}
