import { kerasFit, timmFit, torchvisionFit } from "../image/pipelines.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { Flavor } from "./options.ts";

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
  if (flavor === "torchvision" || flavor === "torchvision_quantizable") return torchvisionFit;
  // PyTorch knows Google's networks from timm.
  if (flavor === "timm" || format !== "onnx") return timmFit;
  return flavor === "keras" || flavor === "article" ? kerasFit : {};
}
