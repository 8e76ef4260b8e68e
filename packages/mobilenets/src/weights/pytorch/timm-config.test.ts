import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import { parseTimmConfig, readTimmConfig } from "./timm-config.ts";

/** The config of timm/mobilenetv3_large_100.ra4_e3600_r224_in1k on the hub, abridged. */
const hub = {
  architecture: "mobilenetv3_large_100",
  num_classes: 1000,
  pretrained_cfg: {
    tag: "ra4_e3600_r224_in1k",
    input_size: [3, 224, 224],
    interpolation: "bicubic",
    crop_pct: 0.95,
    crop_mode: "center",
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  },
};
const parse = (config: object) => parseTimmConfig({ ...config }, "config.json");
const withCfg = (cfg: object) => parse({ ...hub, pretrained_cfg: { ...hub.pretrained_cfg, ...cfg } });

test("reads network and preprocessing, in our units", () => {
  assert.deepEqual(parse(hub), {
    network: "mobilenet_v3_large",
    tensorflow: false,
    preprocessing: {
      height: 224,
      width: 224,
      channels: 3,
      crop: "center",
      cropFraction: 0.95,
      resize: "pillow-bicubic",
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    labels: undefined,
  });
  assert.deepEqual(withCfg({ input_size: [1, 96, 128], mean: [0.2], std: [0.4] })?.preprocessing, {
    height: 96,
    width: 128,
    channels: 1,
    crop: "center",
    cropFraction: 0.95,
    resize: "pillow-bicubic",
    mean: [51],
    std: [102],
  });
  assert.equal(withCfg({ interpolation: "bilinear" })?.preprocessing.resize, "pillow-bilinear");
  assert.equal(withCfg({ interpolation: "random" })?.preprocessing.resize, "pillow-bicubic");
  assert.equal(withCfg({ crop_mode: "squash" })?.preprocessing.crop, "squash");
});

test("older files have everything at the top", () => {
  const { pretrained_cfg, ...top } = hub;
  assert.deepEqual(parse({ ...top, ...pretrained_cfg }), parse(hub));
});

test("tells ports, networks and other libraries by the architecture", () => {
  const names: [string, string | undefined, boolean?][] = [
    ["mobilenetv1_100", "mobilenet_v1", false],
    ["mobilenetv2_110d", "mobilenet_v2", false],
    ["mobilenetv3_small_050", "mobilenet_v3_small", false],
    ["tf_mobilenetv3_large_minimal_100", "mobilenet_v3_large", true],
    ["mobilenetv3_rw", undefined],
    ["mobilenetv4_conv_small", undefined],
    ["resnet50", undefined],
  ];
  for (const [architecture, network, tensorflow] of names) {
    const config = parse({ ...hub, architecture });
    assert.equal(config?.network, network, architecture);
    assert.equal(config?.tensorflow, tensorflow, architecture);
  }
  assert.equal(parse({ architectures: ["MobileNetV2ForImageClassification"] }), undefined);
  assert.equal(parse({ architecture: Object.create(null) }), undefined, "no text");
  assert.equal(parse({ ...hub, model_args: { pad_type: "same" } })?.tensorflow, true);
});

test("takes lists of labels, and passes over names by number", () => {
  assert.deepEqual(parse({ ...hub, label_names: ["cat", "owl"] })?.labels, ["cat", "owl"]);
  assert.equal(parse({ ...hub, label_names: { "0": "cat" } })?.labels, undefined);
});

test("a config of timm's that is broken is refused", () => {
  for (const cfg of [
    { input_size: undefined },
    { input_size: [4, 224, 224] },
    { input_size: [3, Number.POSITIVE_INFINITY, 224] },
    { mean: "0.5" },
    { mean: [0.5] },
    { std: [0, 0, 0] },
    { crop_pct: 2 },
  ]) {
    assert.throws(() => withCfg(cfg), /^WeightsError: config\.json: .*expected the preprocessing of a timm model/);
  }
  assert.throws(() => parse({ ...hub, pretrained_cfg: 3 }), WeightsError);
});

test("reads the file beside the weights, and does without", async () => {
  const asked: string[] = [];
  const serve = (text: string) => async (path: string) => {
    asked.push(path);
    return new TextEncoder().encode(text);
  };
  assert.equal(
    (await readTimmConfig("a/model.safetensors", serve(JSON.stringify(hub))))?.network,
    "mobilenet_v3_large",
  );
  assert.equal((await readTimmConfig("https://x.org/m/w.pth?a=1", serve(JSON.stringify(hub))))?.tensorflow, false);
  assert.deepEqual(asked, ["config.json", "config.json"]);
  for (const text of ["", "[]", "{", "{}", `${"[".repeat(100)}`, `{"architecture":"${"x".repeat(4_000_001)}"}`]) {
    assert.equal(await readTimmConfig("a", serve(text)), undefined);
  }
  assert.equal(await readTimmConfig("a", () => Promise.reject(new Error("no such file"))), undefined);
});
