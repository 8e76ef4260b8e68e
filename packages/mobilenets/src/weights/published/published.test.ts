import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../errors.ts";
import { buildGraph } from "../../models/networks.ts";
import { published, publishedByName, publishedFor } from "./published.ts";

test("lists Keras' 88 files, torchvision's 5 and timm's, all names and addresses unique", () => {
  const keras = published.filter(({ name }) => name.startsWith("keras/"));
  const count = (network: string, includeTop: boolean) =>
    keras.filter((file) => file.network.startsWith(network) && file.options.includeTop === includeTop).length;
  for (const includeTop of [true, false]) {
    assert.equal(count("mobilenet_v1", includeTop), 16);
    assert.equal(count("mobilenet_v2", includeTop), 22);
    assert.equal(count("mobilenet_v3", includeTop), 6);
  }
  assert.equal(published.filter(({ name }) => name.startsWith("torchvision/")).length, 5);
  assert.equal(new Set(published.map(({ name }) => name)).size, published.length);
  const urls = published.flatMap(({ sources }) => sources.map(({ url }) => url));
  assert.equal(new Set(urls).size, urls.length);
  for (const url of urls) assert.match(url, /^https:\/\/[a-z.]+\/[\w./-]+\.(h5|pth|safetensors)$/);
});

test("names files as keras.applications does", () => {
  const fileOf = (name: string) => publishedByName(name)?.sources[0].url.split("/").at(-1);
  assert.equal(fileOf("keras/mobilenet_v1_0.75_160"), "mobilenet_7_5_160_tf.h5");
  assert.equal(fileOf("keras/mobilenet_v1_1_224_no_top"), "mobilenet_1_0_224_tf_no_top.h5");
  assert.equal(fileOf("keras/mobilenet_v2_1_224"), "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5");
  assert.equal(
    fileOf("keras/mobilenet_v2_1.4_224_no_top"),
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.4_224_no_top.h5",
  );
  assert.equal(
    fileOf("keras/mobilenet_v3_large_minimalistic_1_224"),
    "weights_mobilenet_v3_large_minimalistic_224_1.0_float.h5",
  );
  assert.equal(
    fileOf("keras/mobilenet_v3_small_0.75_224_no_top"),
    "weights_mobilenet_v3_small_224_0.75_float_no_top_v2.h5",
  );
});

test("every file's options build a network", () => {
  for (const { name, network, options } of published) assert.doesNotThrow(() => buildGraph(network, options), name);
});

test("imagenet means the file of this flavour, width, size and head", () => {
  const nameFor = (...args: Parameters<typeof publishedFor>) => publishedFor(...args).name;
  assert.equal(nameFor("mobilenet_v2", {}), "keras/mobilenet_v2_1_224");
  assert.equal(nameFor("mobilenet_v2", { alpha: 0.35, inputShape: [96, 96, 3] }), "keras/mobilenet_v2_0.35_96");
  assert.equal(nameFor("mobilenet_v2", { flavor: "torchvision" }), "torchvision/mobilenet_v2.imagenet1k_v2");
  assert.equal(nameFor("mobilenet_v1", { includeTop: false }), "keras/mobilenet_v1_1_224_no_top");
  assert.equal(nameFor("mobilenet_v3_large", { minimalistic: true }), "keras/mobilenet_v3_large_minimalistic_1_224");
});

test("as in Keras, a size without a file of its own gets the one for 224", () => {
  assert.equal(publishedFor("mobilenet_v1", { inputShape: [100, 100, 3] }).name, "keras/mobilenet_v1_1_224");
  assert.equal(publishedFor("mobilenet_v1", { inputShape: [128, 160, 3] }).name, "keras/mobilenet_v1_1_224");
});

test("what nobody has published is refused with what there is", () => {
  assert.throws(
    () => publishedFor("mobilenet_v2", { alpha: 0.6 }),
    (error) =>
      error instanceof OptionError &&
      /alpha 0\.6, expected alpha 0\.35, 0\.5, 0\.75, 1, 1\.3, 1\.4/.test(error.message),
  );
  assert.throws(() => publishedFor("mobilenet_v2", { flavor: "article" }), OptionError);
});
