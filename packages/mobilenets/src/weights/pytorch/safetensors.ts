import { isDeferred } from "../../deferred.ts";
import type { Tensor, TensorData } from "../../tensor.ts";
import type { ReadCompanion, Wanted } from "../format.ts";
import type { Metadata } from "../metadata.ts";
import type { WeightFile } from "../weight-file.ts";
import { besideStateDict } from "./beside.ts";
import { readStateDict } from "./state-dict.ts";

/**
 * Reads a state dict in safetensors, from timm, the Hugging Face hub or our own writers.
 * @throws WeightsError if it is not a MobileNet's
 */
export async function readTorchSafetensors(
  tensors: Readonly<Record<string, Tensor<TensorData>>>,
  metadata: Metadata,
  where: string,
  readCompanion: ReadCompanion,
  wanted?: Wanted,
): Promise<WeightFile> {
  const state = new Map(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, widens: isDeferred(tensor), open: () => () => tensor.data },
    ]),
  );
  return readStateDict(state, where, {
    ...(await besideStateDict(state.keys(), where, readCompanion)),
    metadata,
    wanted,
  });
}
