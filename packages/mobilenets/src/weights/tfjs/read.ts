import { GraphError, WeightsError } from "../../errors.ts";
import { gatherHardActivations } from "../../passes/gather-hard-activations.ts";
import { show } from "../../show.ts";
import type { Tensor, TensorData } from "../../tensor.ts";
import { asObject, asTexts, type JsonObject } from "../containers/json.ts";
import { parseStrictJson } from "../containers/strict-json.ts";
import type { ReadCompanion, Wanted } from "../format.ts";
import { programOfKerasConfig } from "../keras/config.ts";
import { type KerasProgram, parametersOf } from "../keras/program.ts";
import { fits } from "../labels-beside.ts";
import { type Metadata, readMetadata } from "../metadata.ts";
import { imageModel, metadataBeside, refuseOthers } from "../teachable-machine.ts";
import type { WeightFile } from "../weight-file.ts";
import { parseManifest, type WeightGroup } from "./manifest.ts";

/** Deepest JSON. A nested model takes six levels, a regulariser three more. */
const MAX_DEPTH = 64;

/** Our key in `userDefinedMetadata` of a model.json, for network, options, preprocessing and labels as texts. */
export const METADATA_KEY = "mobilenets";

/**
 * Reads a TensorFlow.js model, layers model or graph model: a model.json and the shard files that it names. Weights are
 * float32 or int32, or float32 quantised to uint8, uint16 or float16, which become float32.
 *
 * A file with an unsupported topology can still give its weights to a network loaded by name.
 *
 * @param bytes the model.json
 * @param where its path or URL; shards are relative to it
 * @throws WeightsError for a file that is not such a model, for shards that are missing, cut short or too long, and as
 *   `graphOfKerasConfig`
 */
export async function readTfjs(
  bytes: Uint8Array,
  where: string,
  readCompanion: ReadCompanion,
  wanted: Wanted = {},
): Promise<WeightFile> {
  const model = parseModel(bytes, where);
  const own = await ownMetadata(model, where);
  const groups = parseManifest(model.weightsManifest, where);
  const files = await readShards(groups, where, readCompanion);
  // `metadata.json` is requested only for models that Teachable Machine may have exported, because requests take time.
  const beside = own || isGraphModel(model, where) ? undefined : await metadataBeside(readCompanion);
  refuseOthers(beside, where);
  const shards = groups.map((group) => joinGroup(group, where, files));
  const tensors: Record<string, Tensor<TensorData>> = {};
  groups.forEach(({ weights }, i) => {
    let at = 0;
    for (const { name, byteLength, decode } of weights) {
      tensors[name] = decode(shards[i].subarray(at, at + byteLength));
      at += byteLength;
    }
  });
  if (isGraphModel(model, where)) {
    const { readGraphModel } = await import("./graph-model/read.ts");
    return readGraphModel(model, tensors, where, wanted);
  }
  const topology = asObject(model.modelTopology, where, "modelTopology");
  if (/^[3-9]\./.test(String(topology.keras_version))) {
    const { readKeras3 } = await import("./keras3.ts");
    const file = await readKeras3(topologyOf(model, where), tensors, wanted, where);
    const { labels } = imageModel(beside) ?? {};
    return { ...file, ...(labels && fits(file, labels) && { labels }) };
  }
  if (own?.network || own?.graph) return { ...own, tensors };
  const known = own ?? imageModel(beside) ?? {};
  try {
    const program = programOfKerasConfig(topologyOf(model, where), where, wanted.output);
    const { graph, constants, notes } = program;
    const all = { ...byParameter(program, tensors, where), ...constants };
    const file = { ...known, tensors: all, graph: gatherHardActivations(graph), ...(notes && { notes }) };
    // Labels of another model, perhaps from before it was trained again.
    return own || !file.labels || fits(file, file.labels) ? file : { ...file, labels: undefined };
  } catch (error) {
    if (!wanted.network || !(error instanceof WeightsError || error instanceof GraphError)) throw error;
    return { ...known, tensors };
  }
}

/** The tensors by the parameters that they are, for layers that several ops stand for. */
function byParameter({ graph, layers }: KerasProgram, tensors: WeightFile["tensors"], where: string) {
  const named: Record<string, Tensor<TensorData>> = { ...tensors };
  for (const owner of layers) {
    const names = owner.weights.map(({ stored }) => `${owner.layer}/${stored}`);
    const present = names.filter((name) => Object.hasOwn(tensors, name));
    const alike = owner.weights.every(({ param }, i) => param === names[i]);
    if (present.length === 0 || (alike && !owner.prepare)) continue;
    const refuse = (found: string, expected: string): never => {
      throw new WeightsError({ where: `${where}: ${owner.layer}`, found, expected });
    };
    // Only those that the layer makes of others may be missing, which come last.
    if (present.some((name, i) => name !== names[i])) refuse(`weights ${present.join(", ")} alone`, names.join(", "));
    for (const name of present) delete named[name];
    const stored = present.map((name) => tensors[name] as Tensor);
    for (const [param, tensor] of parametersOf(owner, stored, graph, refuse)) named[param] = tensor;
  }
  return named;
}

function isGraphModel({ format, modelTopology }: JsonObject, where: string): boolean {
  return format === "graph-model" || "node" in asObject(modelTopology, where, "modelTopology");
}

async function ownMetadata({ userDefinedMetadata }: JsonObject, where: string): Promise<Metadata | undefined> {
  const here = `${where}: userDefinedMetadata`;
  const own = asObject(userDefinedMetadata ?? {}, here, "it")[METADATA_KEY];
  return own === undefined ? undefined : readMetadata(asTexts(own, here, METADATA_KEY), here);
}

function parseModel(bytes: Uint8Array, where: string): JsonObject {
  let json: unknown;
  try {
    json = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), MAX_DEPTH);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeightsError({ where, found: `a model.json that is not acceptable JSON (${reason})` }, { cause });
  }
  const model = asObject(json, where, "model.json");
  const { modelTopology: topology, weightsManifest } = model;
  if (topology === undefined || weightsManifest === undefined) {
    throw new WeightsError({
      where,
      found: `JSON without ${topology === undefined ? "modelTopology" : "weightsManifest"}`,
      expected: "the model.json of a TensorFlow.js model",
    });
  }
  return model;
}

/** The model's config: Python's converter puts it beside Keras' version; TensorFlow.js writes it at the top. */
function topologyOf({ modelTopology }: JsonObject, where: string): unknown {
  const topology = asObject(modelTopology, where, "modelTopology");
  return topology.model_config ?? topology;
}

/** Requests at a time: enough to fill a connection, and few enough for hosts to accept. */
const AT_ONCE = 8;

/** Reads all shards by path, each once however often it is named. */
async function readShards(
  groups: readonly WeightGroup[],
  where: string,
  readCompanion: ReadCompanion,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const paths = [...new Set(groups.flatMap((group) => group.paths))];
  const files = new Map<string, Uint8Array>();
  let next = 0;
  const work = async () => {
    while (next < paths.length) {
      const path = paths[next++];
      files.set(path, await readShard(path, where, readCompanion));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return files;
}

/** Joins the bytes of a group's shards, whose length must fit its weights. */
function joinGroup({ paths, weights }: WeightGroup, where: string, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const shards = paths.map((path) => files.get(path) as Uint8Array);
  const expected = weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const found = shards.reduce((sum, { length }) => sum + length, 0);
  const names = paths.length > 2 ? `${paths[0]} to ${paths[paths.length - 1]}` : paths.join(" and ");
  if (found < expected) {
    throw new WeightsError({
      where: `${where}: ${names}`,
      found: `truncated: ${found} bytes`,
      expected: `${expected} for the weights of the group`,
      hint: "was the download or copy cut short?",
    });
  }
  if (found > expected) {
    throw new WeightsError({
      where: `${where}: ${names}`,
      found: `oversized: ${found - expected} bytes after the last weight`,
      expected: "none",
      hint: "do the shards belong to this model.json?",
    });
  }
  return shards.length === 1 ? shards[0] : join(shards, found);
}

async function readShard(path: string, where: string, readCompanion: ReadCompanion): Promise<Uint8Array> {
  try {
    return await readCompanion(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeightsError(
      {
        where: `${where}: ${show(path)}`,
        found: `a shard that cannot be read (${reason})`,
        hint: "keep it beside the model.json",
      },
      { cause },
    );
  }
}

function join(shards: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const shard of shards) {
    all.set(shard, at);
    at += shard.length;
  }
  return all;
}
