import { WeightsError } from "../errors.ts";
import type { Companions } from "../weights/read.ts";

/** `tf.io.IOHandler`: gives a model's parts from any place. */
export interface IoHandler {
  load?(): Promise<ModelArtifacts>;
}

/** The parts of an IOHandler's model that are used here. */
export interface ModelArtifacts {
  readonly modelTopology?: unknown;
  readonly weightSpecs?: readonly object[];
  /** In one piece or in several. */
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[];
  readonly format?: string;
  readonly signature?: unknown;
  readonly userDefinedMetadata?: unknown;
}

export function isIoHandler(source: unknown): source is IoHandler {
  return typeof source === "object" && source !== null && "load" in source && typeof source.load === "function";
}

const WEIGHTS = "weights.bin";

/**
 * Turns a handler's parts into files.
 * @throws WeightsError for a handler that gives no weights
 */
export async function sourceOfHandler(handler: IoHandler): Promise<{ bytes: Uint8Array; companions: Companions }> {
  const artifacts = await (handler.load as NonNullable<IoHandler["load"]>)();
  const { modelTopology, weightSpecs, weightData, format, signature, userDefinedMetadata } = artifacts;
  if (modelTopology === undefined || weightSpecs === undefined || weightData === undefined) {
    const expected = "modelTopology, weightSpecs and weightData";
    throw new WeightsError({ where: "modelUrl", found: "an IOHandler whose load() gives no whole model", expected });
  }
  const json = {
    format,
    modelTopology,
    signature,
    userDefinedMetadata,
    weightsManifest: [{ paths: [WEIGHTS], weights: weightSpecs }],
  };
  const parts = weightData instanceof ArrayBuffer ? [weightData] : weightData;
  return {
    bytes: new TextEncoder().encode(JSON.stringify(json)),
    companions: { [WEIGHTS]: new Blob(parts as ArrayBuffer[]) },
  };
}
