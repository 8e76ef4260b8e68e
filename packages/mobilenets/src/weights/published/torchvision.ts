import { torchvision232Fit, torchvisionFit } from "../../image/pipelines.ts";
import type { NetworkName } from "../../models/networks.ts";
import { checksumInName } from "./checksum.ts";
import type { Published } from "./published.ts";

const BASE = "https://download.pytorch.org/models";

/** The newest come first, for `imagenet`. File names end in the first digits of their sha256. */
const rows: readonly (readonly [name: string, network: NetworkName, file: string])[] = [
  ["mobilenet_v2.imagenet1k_v2", "mobilenet_v2", "mobilenet_v2-7ebf99e0.pth"],
  ["mobilenet_v2.imagenet1k_v1", "mobilenet_v2", "mobilenet_v2-b0353104.pth"],
  ["mobilenet_v3_large.imagenet1k_v2", "mobilenet_v3_large", "mobilenet_v3_large-5c1a4163.pth"],
  ["mobilenet_v3_large.imagenet1k_v1", "mobilenet_v3_large", "mobilenet_v3_large-8738ca79.pth"],
  ["mobilenet_v3_small.imagenet1k_v1", "mobilenet_v3_small", "mobilenet_v3_small-047dcff4.pth"],
];

/** torchvision/models/mobilenetv{2,3}.py. */
export const torchvisionFiles: readonly Published[] = rows.map(([name, network, file]) => ({
  name: `torchvision/${name}`,
  network,
  options: { flavor: "torchvision", alpha: 1 },
  // `ImageClassification(crop_size=224, resize_size=232)` of the newer ones.
  preprocessing: name.endsWith("_v2") ? torchvision232Fit : torchvisionFit,
  sources: [{ url: `${BASE}/${file}`, checksum: checksumInName(file) }],
}));
