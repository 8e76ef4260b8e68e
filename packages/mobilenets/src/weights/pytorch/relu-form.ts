// Decides between ReLU and ReLU6 for files whose names and shapes fit both.
import type { Flavor } from "../../models/options.ts";
import type { WeightFile } from "../weight-file.ts";

/** Words in paths of torchvision's quantizable networks. */
const QUANTIZABLE = /quant|qat\b|qnnpack/i;

/**
 * The network with ReLU6, or the flavour with ReLU and the same names and shapes if the path suggests it, with a note on
 * the assumption. The weights do not show it: docs/lab.md has how few inputs of batch norms are above 6.
 *
 * @param form the flavour with ReLU
 */
export function inItsForm(file: WeightFile, form: Flavor, where: string): WeightFile {
  const own = file.options?.flavor;
  const named = QUANTIZABLE.test(where);
  const assumed = named
    ? `flavor ${form}, with ReLU, is assumed for ${file.network}, as its path says`
    : `flavor ${own}, with ReLU6, is assumed for ${file.network}`;
  const note =
    `${assumed}: the file does not say whether it is torchvision's plain network or its quantizable one, which has ReLU ` +
    `for ReLU6; for the other, flavor ${named ? own : form}`;
  return { ...file, options: { ...file.options, flavor: named ? form : own }, notes: [note] };
}
