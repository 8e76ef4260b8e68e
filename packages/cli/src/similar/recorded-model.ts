import { join } from "node:path";
import { type Model, OptionError, type Preprocessing, ReadError } from "mobilenets";
import { checkNetworkName } from "mobilenets/graph";
import { fingerprint, RUN, type RunRecord, readRun, reducedInput } from "../extract/run-record.ts";
import { loadModel } from "../load-model.ts";
import { networkFlags } from "../network-options.ts";
import type { LimitFlags } from "../pictures/limits.ts";
import { printable } from "../printable.ts";

/** The model of a folder of `extract`, and its layer. */
export interface RecordedModel {
  readonly model: Model;
  readonly layer?: string;
  /** See `reducedInput`. */
  readonly reduceTo?: Preprocessing;
}

export interface ModelFlags extends LimitFlags {
  /** The present place of the weights. */
  readonly weights?: string;
  readonly offline?: true;
  readonly threads?: "auto" | number;
}

/**
 * Loads the model of the vectors in `dir` again, with its recorded preprocessing. Takes the fastest engine of this
 * machine. The engines differ by some 1e-6 of a cosine.
 * @throws ReadError if there is no record of the model
 * @throws OptionError if the weights have changed
 */
export async function loadRecorded(dir: string, flags: ModelFlags): Promise<RecordedModel> {
  const where = printable(join(dir, RUN));
  const record = checkRecord(await readRun(dir), where);
  const { options, preprocessing, layer } = record;
  const weights = flags.weights ?? record.source?.weights;
  if (weights === undefined) {
    throw new OptionError({
      where,
      found: `network ${printable(record.network)}, but not where its weights are`,
      expected: "--weights",
      hint: "`extract` of this version records it",
    });
  }
  const network = record.source?.network;
  const model = await loadModel({
    ...networkFlags(options),
    weights,
    network: network === undefined ? undefined : checkNetworkName(network),
    seed: record.source?.seed,
    // The recorded preprocessing is complete, so the weights decide none of it.
    preprocessing,
    offline: flags.offline,
    threads: flags.threads,
  }).catch((error: unknown) => {
    if (!(error instanceof ReadError) || flags.weights !== undefined) throw error;
    throw new ReadError(
      {
        ...error,
        where: error.where,
        hint: `${where} records this place of the weights; --weights names another`,
      },
      { cause: error },
    );
  });
  const found = fingerprint(model);
  if (found === record.model) return { model, layer: layer ?? undefined, reduceTo: reducedInput(record) };
  model.dispose();
  throw new OptionError({
    where: printable(weights),
    found: `${model.name} with other weights or layers (${found.slice(0, 12)})`,
    expected: `those that ${where} records (${printable(String(record.model).slice(0, 12))})`,
    hint: "vectors of two networks cannot be compared; --weights names the right ones, or `extract` anew",
  });
}

/** Checks the fields that loading needs. The library checks the rest. */
function checkRecord(record: RunRecord | undefined, where: string): RunRecord {
  if (record === undefined) {
    throw new ReadError({
      where,
      found: "no such file",
      expected: "the record of the model, to embed other pictures with",
      hint: "ask for pictures of the folder, or `extract` anew",
    });
  }
  const isObject = (value: unknown) => typeof value === "object" && value !== null;
  const { layer, source } = record;
  const holds =
    isObject(record.options) &&
    isObject(record.preprocessing) &&
    typeof record.network === "string" &&
    typeof record.model === "string" &&
    (layer === null || typeof layer === "string") &&
    (source === undefined || (isObject(source) && typeof source.weights === "string"));
  if (holds) return record;
  throw new ReadError({ where, found: "no record of a run", hint: "is the file damaged? `extract` writes it anew" });
}
