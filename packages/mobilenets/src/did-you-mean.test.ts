import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean } from "./did-you-mean.ts";

const networks = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_lite0"];

test("spelling, case and letters left out or put in do not hide what was meant", () => {
  for (const [name, first] of [
    ["MobileNetV2", "mobilenet_v2"],
    ["mobilnet_v2", "mobilenet_v2"],
    ["mobilenet-v1", "mobilenet_v1"],
    ["mobilenetv3", "mobilenet_v3_small"],
    ["v3_large", "mobilenet_v3_large"],
    ["efficientnet", "efficientnet_lite0"],
    ["effcientnet_lite", "efficientnet_lite0"],
  ]) {
    assert.match(didYouMean(name, networks) as string, new RegExp(`^did you mean ${first}\\b`), name);
  }
});

test("at most three are named, nearest first; nothing where nothing is near", () => {
  assert.equal(didYouMean("mobilenet_v", networks)?.split(" or ").length, 3);
  for (const name of ["resnet50", "", "?", "x".repeat(1e6)]) assert.equal(didYouMean(name, networks), undefined);
});

test("part of a layer's name finds it", () => {
  const layers = ["conv1", "conv_pw_5", "conv_pw_5_bn", "conv_pw_5_relu"];
  assert.equal(didYouMean("pw_5_relu", layers), "did you mean conv_pw_5_relu?");
});
