import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelOptions } from "mobilenets";
import { modelOptions, networkFlags } from "./network-options.ts";

test("flags that are made of options give these options again", () => {
  for (const options of [
    {},
    { flavor: "torchvision", alpha: 0.5, classes: 7 },
    { inputShape: [96, 128, 1], includeTop: false, pooling: "max" },
    { inputShape: [224, 224, 3], minimalistic: true, depthMultiplier: 2 },
  ] satisfies ModelOptions[]) {
    const given = Object.entries(modelOptions(networkFlags(options))).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(given), options);
  }
});
