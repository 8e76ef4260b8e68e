import type { Preprocessing } from "./preprocessing.ts";

/** How a pipeline fits pictures to the input. The weights determine mean and std. */
type Fit = Pick<Preprocessing, "crop" | "cropFraction" | "resize">;

/** `keras.utils.load_img(path, target_size=(224, 224))`: the whole picture, nearest neighbour. */
export const kerasFit: Fit = { crop: "squash", cropFraction: 1, resize: "pillow-nearest" };
/** The transforms of torchvision's weights: `Resize(256)` and `CenterCrop(224)` of a Pillow image. */
export const torchvisionFit: Fit = { crop: "center", cropFraction: 0.875, resize: "pillow-bilinear" };
/** The newer weights of torchvision, `IMAGENET1K_V2`: `Resize(232)`. */
export const torchvision232Fit: Fit = { ...torchvisionFit, cropFraction: 224 / 232 };
/** timm's `create_transform`, unless a model's `pretrained_cfg` differs. */
export const timmFit: Fit = { crop: "center", cropFraction: 0.875, resize: "pillow-bicubic" };

/** ImageNet's statistics of torchvision and timm, in 0..255. */
const imageNet = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

/**
 * Preprocessing of Python libraries, for `load(..., { preprocessing: pipelines.keras })` and `--preprocessing keras`.
 * Keras' and TensorFlow's leave mean and std to the weights, because their networks differ; torchvision's and timm's
 * have ImageNet's. `mobilenets` is our own.
 */
export const pipelines = {
  mobilenets: { crop: "center", cropFraction: 0.875, resize: "mobilenets" },
  keras: kerasFit,
  "keras-bilinear": { ...kerasFit, resize: "pillow-bilinear" },
  "keras-bicubic": { ...kerasFit, resize: "pillow-bicubic" },
  "tf.image": { ...kerasFit, resize: "tensorflow-bilinear" },
  "tf.image-antialias": { ...kerasFit, resize: "tensorflow-bilinear-antialias" },
  torchvision: { ...torchvisionFit, ...imageNet },
  "torchvision-232": { ...torchvision232Fit, ...imageNet },
  "torchvision-tensor": { ...torchvisionFit, ...imageNet, resize: "torch-bilinear" },
  "torchvision-232-tensor": { ...torchvision232Fit, ...imageNet, resize: "torch-bilinear" },
  timm: { ...timmFit, ...imageNet },
} satisfies Readonly<Record<string, Partial<Preprocessing>>>;
