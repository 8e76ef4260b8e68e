import { defaultFlavor, type NetworkName } from "../../models/networks.ts";
import type { WeightFile } from "../weight-file.ts";
import type { StateDictHints } from "./state-dict.ts";
import { isPorted } from "./timm-call.ts";

// Distinguishes timm's models from its ports of Google's (`tf_...`), which have the same names and shapes but other padding.

/** A model's name in timm, perhaps in a path. */
const NAME = /(tf_)?(mobilenet|efficientnet)/;

/**
 * Whether a checkpoint is a port, by its `arch` or its path.
 * @returns undefined if neither shows it
 */
export function portedBy({ arch }: Pick<StateDictHints, "arch">, where: string): boolean | undefined {
  const named = arch === undefined ? null : NAME.exec(arch);
  if (named) return named[1] !== undefined;
  return /tf_(mobilenet|efficientnet)/.test(where) ? true : undefined;
}

/** The note on a network that timm has in both forms, and that counts as its own. */
export function portNote(network: NetworkName): Pick<WeightFile, "notes"> {
  if (!isPorted(network)) return {};
  const note =
    `flavor timm is assumed for ${network}: the file does not say whether it is timm's own model or its port of ` +
    `Google's (tf_...), which pads in another way; for a port, name the network and flavor ${defaultFlavor(network)}`;
  return { notes: [note] };
}
