import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { OptionError } from "../errors.ts";
import { buildGraph, checkNetworkName, type NetworkName, networkNames, optionsOf } from "./networks.ts";
import type { ModelOptions } from "./options.ts";

test("fills in what keras.applications has as defaults", () => {
  assert.deepEqual(optionsOf("mobilenet_v1"), {
    flavor: "keras",
    inputShape: [224, 224, 3],
    alpha: 1,
    depthMultiplier: 1,
    dropout: 1e-3,
    classes: 1000,
    includeTop: true,
    pooling: null,
    classifierActivation: "softmax",
    minimalistic: false,
    includePreprocessing: false,
  });
  assert.equal(optionsOf("mobilenet_v3_large").dropout, 0.2);
  assert.equal(optionsOf("mobilenet_v3_large").includePreprocessing, true);
  assert.equal(optionsOf("mobilenet_v2", { classifierActivation: null }).classifierActivation, "linear");
});

/** Options with unchecked values, e.g. from a command line or a file. */
type Loose = { [K in keyof ModelOptions]?: unknown };

/** Each error names the option, the given value and the accepted ones. */
const refusals: [NetworkName, Loose, RegExp][] = [
  [
    "mobilenet_v1",
    { flavor: "torchvision" },
    /^mobilenet_v1: flavor "torchvision", expected one of keras, timm, article/,
  ],
  ["mobilenet_v2", { flavor: "pytorch" }, /flavor "pytorch", expected one of keras, torchvision, timm, article/],
  ["mobilenet_v3_large", { flavor: "article" }, /flavor "article", expected one of keras, torchvision, timm/],
  ["mobilenet_v1", { inputShape: [31, 224, 3] }, /inputShape \[31,224,3\], expected .*sizes >= 32 and 1 or 3 channels/],
  ["mobilenet_v1", { inputShape: [224, 224, 4] }, /inputShape \[224,224,4\]/],
  ["mobilenet_v1", { inputShape: [224, 224] }, /inputShape \[224,224\]/],
  ["mobilenet_v1", { inputShape: 224 }, /inputShape 224, expected \[height, width, channels\]/],
  ["mobilenet_v1", { inputShape: [224.5, 224, 3] }, /inputShape \[224.5,224,3\]/],
  ["mobilenet_v2", { alpha: 0 }, /alpha 0, expected a number > 0/],
  ["mobilenet_v2", { alpha: Number.NaN }, /alpha NaN, expected a number > 0/],
  ["mobilenet_v2", { alpha: Number.POSITIVE_INFINITY }, /alpha Infinity, expected a number > 0/],
  ["mobilenet_v2", { alpha: {} }, /alpha \{\}, expected a number > 0/],
  ["mobilenet_v2", { alpha: 10n ** 2n }, /alpha 100, expected a number > 0/],
  ["mobilenet_v2", { alpha: "1" }, /alpha "1", expected a number > 0/],
  ["mobilenet_v2", { inputShape: { 0: 32 } }, /inputShape .*, expected \[height/],
  ["mobilenet_v1", { depthMultiplier: 1.5 }, /depthMultiplier 1.5, expected an integer >= 1/],
  [
    "mobilenet_v2",
    { depthMultiplier: 2 },
    /depthMultiplier 2, expected none: mobilenet_v2 in flavor keras has no such option/,
  ],
  ["mobilenet_v1", { dropout: 1 }, /dropout 1, expected a rate from 0 to below 1/],
  ["mobilenet_v2", { dropout: 0.2 }, /dropout 0.2, expected none: .*has no dropout layer/],
  ["mobilenet_v2", { classes: 0 }, /classes 0, expected an integer >= 1/],
  ["mobilenet_v2", { pooling: "sum" }, /pooling "sum", expected "avg", "max" or null/],
  ["mobilenet_v2", { classifierActivation: "gelu" }, /classifierActivation: activation "gelu", expected one of linear/],
  ["mobilenet_v2", { minimalistic: true }, /minimalistic true, expected none/],
  ["mobilenet_v3_small", { flavor: "torchvision", minimalistic: true }, /minimalistic true, expected none/],
  ["mobilenet_v1", { flavor: "timm", depthMultiplier: 2 }, /mobilenet_v1 in flavor timm has no such option/],
  ["mobilenet_v3_large", { flavor: "timm", dropout: 0.2 }, /in flavor timm has no dropout layer/],
  ["mobilenet_v1", { includePreprocessing: true }, /includePreprocessing true, expected none/],
];

for (const [network, options, message] of refusals) {
  test(`${network} refuses ${inspect(options)}`, () => {
    assert.throws(
      () => buildGraph(network, options as ModelOptions),
      (error: unknown) => error instanceof OptionError && message.test(error.message),
    );
  });
}

test("accepts options that the network lacks where they change nothing", () => {
  optionsOf("mobilenet_v2", { depthMultiplier: 1, minimalistic: false, dropout: 0, includePreprocessing: false });
});

test("refuses names that are no network, listing the four", () => {
  for (const name of networkNames) assert.equal(checkNetworkName(name), name);
  for (const name of ["mobilenet", "toString"]) {
    assert.throws(
      () => checkNetworkName(name),
      (error: unknown) =>
        error instanceof OptionError &&
        /expected one of mobilenet_v1, mobilenet_v2, mobilenet_v3_small, mobilenet_v3_large/.test(error.message),
    );
  }
});
