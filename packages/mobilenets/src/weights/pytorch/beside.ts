import type { ReadCompanion } from "../format.ts";
import { readHuggingFaceConfig } from "./huggingface-config.ts";
import type { StateDictHints } from "./state-dict.ts";
import { readTimmConfig } from "./timm-config.ts";

/** The first convolution of transformers' networks. */
const TRANSFORMERS = /(^|\.)conv_stem\.(first_conv\.)?convolution\.weight$/;

/**
 * Reads the files beside a state dict; the names of its parameters decide which.
 * @param where names the weights in errors
 */
export async function besideStateDict(
  names: Iterable<string>,
  where: string,
  readCompanion: ReadCompanion,
): Promise<Pick<StateDictHints, "config" | "huggingFace">> {
  for (const name of names) {
    if (TRANSFORMERS.test(name)) return { huggingFace: await readHuggingFaceConfig(where, readCompanion) };
  }
  return { config: await readTimmConfig(where, readCompanion) };
}
