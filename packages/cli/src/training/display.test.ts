import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpochEvent, StepEvent } from "mobilenets/train";
import { epochLine, stepLine, TrainDisplay } from "./display.ts";

const step: StepEvent = {
  epoch: 2,
  batch: 120,
  batches: 1450,
  step: 3020,
  steps: 29000,
  loss: 0.5,
  epochLoss: 0.43219,
  epochAccuracy: 0.8712,
  learningRate: 0.0499999,
  gradientNorm: Number.NaN,
  imagesPerSecond: 1812.4,
};
const epoch: EpochEvent = {
  epoch: 2,
  step: 4350,
  loss: 0.4,
  accuracy: 0.9,
  learningRate: 0.05,
  seconds: 11.2,
  validation: { examples: 10, loss: 0.5, accuracy: 0.8, top5: 1 },
  best: true,
  weights: {},
};

test("lines of a step and of an epoch", () => {
  assert.equal(
    stepLine(step, 20, 182),
    "epoch 3/20  120/1,450  loss 0.432  accuracy 87.1%  rate 0.05  1,812 images/s  about 3m 2s left",
  );
  // The first step gives no estimate of the time, the last has none left, and regression has no accuracy.
  assert.doesNotMatch(stepLine(step, 20, Number.NaN), /left/);
  assert.doesNotMatch(stepLine({ ...step, step: 29000, epochAccuracy: Number.NaN }, 20, 0), /left|accuracy/);
  assert.equal(
    epochLine(epoch, 20),
    "epoch 3/20: loss 0.400, accuracy 90.0%, validation loss 0.500, accuracy 80.0%, best so far, 12s",
  );
  assert.equal(epochLine({ ...epoch, validation: undefined }, 20), "epoch 3/20: loss 0.400, accuracy 90.0%, 12s");
});

test("on a terminal lines are drawn over and never wrap; in a file they follow one another", () => {
  const written: string[] = [];
  const screen = { isTTY: true, columns: 40, write: (text: string) => written.push(text) };
  const display = new TrainDisplay(screen);
  display.step(step, 20);
  display.epoch(epoch, 20);
  assert.ok(written[0].startsWith("\r\x1b[Kepoch 3/20"));
  assert.equal(written[0].length, "\r\x1b[K".length + 39);
  assert.equal(written[1], "\r\x1b[K");
  assert.match(written[2], /^epoch 3\/20: .*12s\n$/);

  written.length = 0;
  const log = new TrainDisplay({ write: screen.write });
  log.step(step, 20);
  log.step(step, 20);
  assert.equal(written.length, 1, "not more than a line each five seconds");
  assert.match(written[0], /^epoch 3\/20 .*\n$/);
});
