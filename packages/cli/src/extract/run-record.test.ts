import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "mobilenets";
import { checkSameRun, type RunRecord } from "./run-record.ts";

const begun: RunRecord = {
  version: "0.1.0",
  network: "mobilenet_v2",
  options: { alpha: 0.5 },
  model: "abc",
  engine: "reference",
  preprocessing: { height: 96, width: 96, channels: 3, crop: "center", cropFraction: 0.875, mean: [0], std: [1] },
  layer: null,
  dim: 1280,
};

const { dim, ...now } = begun;

test("the same settings go on", () => {
  checkSameRun("out", begun, now);
});

test("where the weights lie makes no difference: they are told by their content", () => {
  checkSameRun("out", begun, { ...now, source: { weights: "/elsewhere/model.safetensors" } });
  const source = { weights: "/here/model.safetensors", network: "mobilenet_v2" };
  checkSameRun("out", { ...begun, source }, now);
  checkSameRun("out", { ...begun, source }, { ...now, source: { weights: "model.safetensors", seed: 3 } });
});

test("a difference is named", () => {
  const refuses = (change: Partial<RunRecord>, message: string) => {
    assert.throws(
      () => checkSameRun("out", begun, { ...now, ...change }),
      (error) => error instanceof OptionError && error.message.startsWith(`out/run.json: ${message}`),
      message,
    );
  };
  refuses({ network: "mobilenet_v1" }, 'a run begun with network "mobilenet_v2", expected "mobilenet_v1"');
  refuses({ options: { alpha: 0.35 } }, "a run begun with options.alpha 0.5, expected 0.35");
  refuses({ options: {} }, "a run begun with options.alpha 0.5, expected it left open");
  refuses({ options: { alpha: 0.5, classes: 5 } }, "a run begun with options.classes left open, expected 5");
  refuses({ model: "def" }, 'a run begun with model "abc", expected "def"');
  refuses({ layer: "Conv_1" }, 'a run begun with layer null, expected "Conv_1"');
  refuses(
    { preprocessing: { ...begun.preprocessing, mean: [127.5] } },
    "a run begun with preprocessing.mean [0], expected [127.5]",
  );
});
