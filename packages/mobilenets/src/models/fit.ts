import { kerasFit, timmFit, torchvisionFit } from "../image/pipelines.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import { type Flavor, flavorsIn } from "./options.ts";

/** The fit of each flavour's library. */
const fits: Readonly<Record<Flavor, Partial<Preprocessing>>> = {
  keras: kerasFit,
  tensorflow: {},
  torchvision: torchvisionFit,
  timm: timmFit,
  article: kerasFit,
  torchvision_quantizable: torchvisionFit,
};

/**
 * How the library of a file fits pictures to the input, for files that do not say. Formats of browsers and phones have no
 * such library: the result is empty, which means our own fitting.
 * @param format name of the file's format in `weights/formats.ts`
 * @param flavor flavour of the network in the file
 */
export function fitOf(format: string, flavor: Flavor | undefined): Partial<Preprocessing> {
  if (format.startsWith("keras")) return kerasFit;
  const python = ["pytorch", "safetensors", "onnx"].includes(format);
  if (!python || flavor === undefined) return {};
  // PyTorch has TensorFlow's networks from timm. ONNX files come from either.
  return format !== "onnx" && flavorsIn("tensorflow").includes(flavor) ? timmFit : fits[flavor];
}
