import { kerasFit, timmFit, torchvisionFit } from "../image/pipelines.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import { type Flavor, flavorsIn } from "./options.ts";

/** Of the library that a flavour's networks are from. */
const fits: Readonly<Record<Flavor, Partial<Preprocessing>>> = {
  keras: kerasFit,
  tensorflow: {},
  torchvision: torchvisionFit,
  timm: timmFit,
  article: kerasFit,
  torchvision_quantizable: torchvisionFit,
};

/**
 * How the library that a file comes from fits pictures to the input, where the file does not say it itself. The
 * browser's and the phone's formats have no such library. The result is then empty, which means our fitting.
 * @param format its name in `weights/formats.ts`
 * @param flavor of the network in it
 */
export function fitOf(format: string, flavor: Flavor | undefined): Partial<Preprocessing> {
  if (format.startsWith("keras")) return kerasFit;
  const python = ["pytorch", "safetensors", "onnx"].includes(format);
  if (!python || flavor === undefined) return {};
  // PyTorch knows TensorFlow's networks from timm. ONNX comes from either.
  return format !== "onnx" && flavorsIn("tensorflow").includes(flavor) ? timmFit : fits[flavor];
}
