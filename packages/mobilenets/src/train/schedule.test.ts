import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLearningRate, type LearningRate, learningRateAt } from "./schedule.ts";

const length = { steps: 100, stepsPerEpoch: 10 };
const at = (rate: LearningRate, ...steps: number[]) => steps.map((step) => learningRateAt(rate, step, length));

function close(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((x, i) => {
    assert.ok(Math.abs(x - expected[i]) <= 1e-12 * Math.abs(expected[i]) + 1e-18, `${i}: ${x}, not ${expected[i]}`);
  });
}

test("constant, and warm-up in equal steps that ends at the peak", () => {
  close(at({ peak: 0.4 }, 0, 50, 99), [0.4, 0.4, 0.4]);
  close(at({ peak: 0.4, warmup: 0.4 }, 0, 1, 2, 3, 4, 99), [0.1, 0.2, 0.3, 0.4, 0.4, 0.4]);
});

test("cosine: peak, half way at the middle, final at the last step", () => {
  const schedule = { kind: "cosine" } as const;
  close(at({ peak: 2, schedule }, 0, 33, 66), [2, 1.5, 0.5]);
  assert.ok(Math.abs(at({ peak: 2, schedule }, 99)[0]) < 1e-15);
  close(at({ peak: 2, schedule: { ...schedule, final: 0.5 } }, 99), [1]);
  // The cosine begins after warm-up: its middle is at 10 + 89 / 2.
  const [before, after] = at({ peak: 2, schedule, warmup: 1 }, 54, 55);
  close([(before + after) / 2], [1]);
});

test("exponential falls smoothly, step in jumps, both counted in epochs from the end of warm-up", () => {
  const exponential = { kind: "exponential", factor: 0.25 } as const;
  close(at({ peak: 1, schedule: exponential }, 0, 5, 10, 20), [1, 0.5, 0.25, 0.0625]);
  close(at({ peak: 1, schedule: { ...exponential, every: 2 } }, 10, 20), [0.5, 0.25]);
  close(at({ peak: 1, schedule: { kind: "step", factor: 0.1, every: 3 } }, 0, 29, 30, 59, 60), [1, 1, 0.1, 0.1, 0.01]);
  close(at({ peak: 1, schedule: exponential, warmup: 1 }, 10, 20), [1, 0.25]);
});

test("one cycle, against PyTorch's OneCycleLR(max_lr=1, total_steps=100)", () => {
  // torch.optim.lr_scheduler.OneCycleLR peaks at step pct_start * total - 1 = 29; ours at 0.3 of the way, 29.7.
  const rate: LearningRate = { peak: 1, schedule: { kind: "one-cycle", rise: 29 / 99 } };
  close(at(rate, 0, 29, 99), [0.04, 1, 4e-6]);
  close(at(rate, 64), [(1 + 4e-6) / 2]);
});

test("options out of range are refused by name", () => {
  const refused = (rate: LearningRate, message: RegExp) => assert.throws(() => checkLearningRate(rate, 10), message);
  refused({ peak: 0 }, /learning rate: 0, expected a number > 0/);
  refused({ peak: Number.NaN }, /learning rate: NaN/);
  refused({ peak: 1, warmup: 10 }, /warm-up: 10, expected 0 to less than the 10 epochs/);
  refused({ peak: 1, schedule: { kind: "step", factor: 0, every: 1 } }, /step: factor: 0/);
  refused({ peak: 1, schedule: { kind: "exponential", factor: 0.5, every: 0 } }, /exponential: every: 0/);
  refused({ peak: 1, schedule: { kind: "cosine", final: 2 } }, /cosine: final: 2/);
  refused({ peak: 1, schedule: { kind: "one-cycle", rise: 1 } }, /one-cycle: rise: 1/);
  checkLearningRate({ peak: 1, warmup: 9.5, schedule: { kind: "cosine" } }, 10);
});
