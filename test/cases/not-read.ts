/** Cases that are not right yet, with the fault of today. */
export const notRead: ReadonlyMap<string, RegExp> = new Map([
  ["imagenet_example_best_acc1.pth.tar", /tensors by the names "best_acc1"/],
  ["torchvision_reference_args.pth", /a reference to Python's "argparse.Namespace"/],
  ["lightning_model_prefix.ckpt", /tensors by the names "model.features/],
  ["head_linear.pth", /it has "classifier.weight", "classifier.bias" besides/],
  ["flat_two_dense.weights.h5", /as many layers of each class as no network of ours has/],
  ["head_leaky_relu.keras", /activation "leaky_relu"/],
  ["resizing.keras", /layer class Resizing/],
  ["spatialdropout.keras", /layer class SpatialDropout2D/],
  ["tfjs_v2_addn_u8/model.json", /AddN/],
  ["tm_export/model.json", /^labels are missing/],
  ["cmyk.jpg", /^pixel is /],
  ["heic.heic", /./],
]);
