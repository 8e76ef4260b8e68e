import type { NetworkName } from "../../models/networks.ts";
import type { Published } from "./published.ts";

/** Files of keras.applications (keras/src/applications/mobilenet*.py, 3.16): HDF5, in Google's storage. */
const BASE = "https://storage.googleapis.com/tensorflow/keras-applications";
/** The older address of the V1 files, with the same names. */
const V1_MIRROR = "https://github.com/fchollet/deep-learning-models/releases/download/v0.6";
/** A copy of the V3 files with classifier, with the same md5. */
const V3_MIRROR = "https://github.com/DrSlink/mobilenet_v3_keras/releases/download/v1.0";

const square = (size: number) => [size, size, 3] as const;
const heads = [
  { includeTop: true, suffix: "", tag: "" },
  { includeTop: false, suffix: "_no_top", tag: "_no_top" },
];

const v1 = ([0.25, 0.5, 0.75, 1] as const).flatMap((alpha) =>
  [128, 160, 192, 224].flatMap((size) =>
    heads.map(({ includeTop, suffix, tag }): Published => {
      const file = `mobilenet_${{ 1: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5" }[alpha]}_${size}_tf${suffix}.h5`;
      return {
        name: `keras/mobilenet_v1_${alpha}_${size}${tag}`,
        network: "mobilenet_v1",
        options: { flavor: "keras", alpha, inputShape: square(size), includeTop },
        sources: [{ url: `${BASE}/mobilenet/${file}` }, { url: `${V1_MIRROR}/${file}` }],
      };
    }),
  ),
);

const v2Sizes = (alpha: number) => (alpha > 1 ? [224] : [96, 128, 160, 192, 224]);

const v2 = [0.35, 0.5, 0.75, 1, 1.3, 1.4].flatMap((alpha) =>
  v2Sizes(alpha).flatMap((size) =>
    heads.map(({ includeTop, suffix, tag }): Published => {
      const text = Number.isInteger(alpha) ? alpha.toFixed(1) : String(alpha);
      const file = `mobilenet_v2_weights_tf_dim_ordering_tf_kernels_${text}_${size}${suffix}.h5`;
      return {
        name: `keras/mobilenet_v2_${alpha}_${size}${tag}`,
        network: "mobilenet_v2",
        options: { flavor: "keras", alpha, inputShape: square(size), includeTop },
        sources: [{ url: `${BASE}/mobilenet_v2/${file}` }],
      };
    }),
  ),
);

/** Table, width, minimalistic, then the md5 of the files with and without classifier. */
const v3Rows: readonly (readonly ["small" | "large", number, boolean, string, string])[] = [
  ["large", 0.75, false, "765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"],
  ["large", 1, false, "59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"],
  ["large", 1, true, "675e7b876c45c57e9e63e6d90a36599c", "ec5221f64a2f6d1ef965a614bdae7973"],
  ["small", 0.75, false, "cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"],
  ["small", 1, false, "8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"],
  ["small", 1, true, "99cd97fb2fcdad2bf028eb838de69e37", "cde8136e733e811080d9fcd8a252f7e4"],
];

const v3 = v3Rows.flatMap(([size, alpha, minimalistic, top, noTop]) =>
  heads.map(({ includeTop, suffix, tag }): Published => {
    const network: NetworkName = `mobilenet_v3_${size}`;
    const style = minimalistic ? "_minimalistic" : "";
    const model = `${size}${style}_224_${Number.isInteger(alpha) ? alpha.toFixed(1) : alpha}_float`;
    const file = `weights_mobilenet_v3_${model}${suffix}${includeTop ? "" : "_v2"}.h5`;
    return {
      name: `keras/${network}${style}_${alpha}_224${tag}`,
      network,
      options: { flavor: "keras", alpha, inputShape: square(224), includeTop, ...(minimalistic && { minimalistic }) },
      sources: [`${BASE}/mobilenet_v3`, ...(includeTop ? [V3_MIRROR] : [])].map((base) => ({
        url: `${base}/${file}`,
        checksum: { algorithm: "md5", hex: includeTop ? top : noTop },
      })),
    };
  }),
);

/** V1 16 + 16, V2 22 + 22, V3 6 + 6 files, with and without classifier. */
export const kerasFiles: readonly Published[] = [...v1, ...v2, ...v3];
