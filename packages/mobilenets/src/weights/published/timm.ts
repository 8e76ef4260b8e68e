import type { Preprocessing } from "../../image/preprocessing.ts";
import { defaultFlavor, type NetworkName } from "../../models/networks.ts";
import { checksumInName } from "./checksum.ts";
import type { Published } from "./published.ts";

/** The hub has every file as safetensors, without published checksums ... */
const HUB = "https://huggingface.co/timm";
/** ... and the older ones are also here as pickles, with checksums in their names. */
const RELEASES = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights";

/** -1 to 1, the training range of the `tf_` ports of Google's weights and of the `ra4` recipes. */
const inception = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
/** The ports of MobileNetV3, which resize with another filter. */
const portOfV3 = { ...inception, resize: "pillow-bilinear" } as const;
/** ImageNet's statistics, for the others. */
const imageNet = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

type Row = readonly [
  name: string,
  network: NetworkName,
  alpha: number,
  preprocessing: Partial<Preprocessing>,
  release?: string,
];

const rows: readonly Row[] = [
  ["mobilenetv1_100.ra4_e3600_r224_in1k", "mobilenet_v1", 1, inception],
  ["mobilenetv1_125.ra4_e3600_r224_in1k", "mobilenet_v1", 1.25, { ...inception, cropFraction: 0.9 }],
  ["mobilenetv2_050.lamb_in1k", "mobilenet_v2", 0.5, imageNet, "mobilenetv2_050-3d30d450.pth"],
  ["mobilenetv2_100.ra_in1k", "mobilenet_v2", 1, imageNet, "mobilenetv2_100_ra-b33bc2c4.pth"],
  ["mobilenetv2_140.ra_in1k", "mobilenet_v2", 1.4, imageNet, "mobilenetv2_140_ra-21a4e913.pth"],
  ["mobilenetv3_small_050.lamb_in1k", "mobilenet_v3_small", 0.5, imageNet, "mobilenetv3_small_050_lambc-4b7bbe87.pth"],
  ["mobilenetv3_small_075.lamb_in1k", "mobilenet_v3_small", 0.75, imageNet, "mobilenetv3_small_075_lambc-384766db.pth"],
  ["mobilenetv3_small_100.lamb_in1k", "mobilenet_v3_small", 1, imageNet, "mobilenetv3_small_100_lamb-266a294c.pth"],
  ["mobilenetv3_large_100.ra4_e3600_r224_in1k", "mobilenet_v3_large", 1, { ...inception, cropFraction: 0.95 }],
  ["mobilenetv3_large_100.ra_in1k", "mobilenet_v3_large", 1, imageNet, "mobilenetv3_large_100_ra-f55367f5.pth"],
  ["tf_mobilenetv3_small_075.in1k", "mobilenet_v3_small", 0.75, portOfV3, "tf_mobilenetv3_small_075-da427f52.pth"],
  ["tf_mobilenetv3_small_100.in1k", "mobilenet_v3_small", 1, portOfV3, "tf_mobilenetv3_small_100-37f49e2b.pth"],
  [
    "tf_mobilenetv3_small_minimal_100.in1k",
    "mobilenet_v3_small",
    1,
    portOfV3,
    "tf_mobilenetv3_small_minimal_100-922a7843.pth",
  ],
  ["tf_mobilenetv3_large_075.in1k", "mobilenet_v3_large", 0.75, portOfV3, "tf_mobilenetv3_large_075-150ee8b0.pth"],
  ["tf_mobilenetv3_large_100.in1k", "mobilenet_v3_large", 1, portOfV3, "tf_mobilenetv3_large_100-427764d5.pth"],
  [
    "tf_mobilenetv3_large_minimal_100.in1k",
    "mobilenet_v3_large",
    1,
    portOfV3,
    "tf_mobilenetv3_large_minimal_100-8596ae28.pth",
  ],
  ["tf_efficientnet_lite0.in1k", "efficientnet_lite0", 1, inception, "tf_efficientnet_lite0-0aa007d2.pth"],
  ["efficientnet_lite0.ra_in1k", "efficientnet_lite0", 1, imageNet, "efficientnet_lite0_ra-37913777.pth"],
];

/** timm's networks with the papers' depths (timm/models/{mobilenetv3,efficientnet}.py). */
export const timmFiles: readonly Published[] = rows.map(([name, network, alpha, own, release]) => {
  // The ports keep TensorFlow's padding and epsilon, and take input from -1 to 1.
  const ported = name.startsWith("tf_");
  return {
    name: `timm/${name}`,
    network,
    options: {
      flavor: ported ? defaultFlavor(network) : "timm",
      alpha,
      ...(ported && { includePreprocessing: false }),
      ...(name.includes("minimal") && { minimalistic: true }),
    },
    // The `pretrained_cfg` of each: 0.875 and bicubic, unless its row differs.
    preprocessing: { crop: "center", cropFraction: 0.875, resize: "pillow-bicubic", ...own },
    sources: [
      { url: `${HUB}/${name}/resolve/main/model.safetensors` },
      ...(release ? [{ url: `${RELEASES}/${release}`, checksum: checksumInName(release) }] : []),
    ],
  };
});
