// Whether a network has ReLU or ReLU6, where its file has the same names and shapes for both.
import type { Flavor } from "../../models/options.ts";
import type { WeightFile } from "../weight-file.ts";

/** What paths of torchvision's quantizable networks say. */
const QUANTIZABLE = /quant|qat\b|qnnpack/i;

/**
 * A network of ReLU6, or the flavour with ReLU that has the same names and shapes, if the path says so; a note says which
 * was assumed. The numbers do not tell: how little of what batch norms have seen lies above 6, docs/lab.md has.
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
