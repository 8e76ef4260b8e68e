import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, ProgressDisplay, progressLine, type Screen } from "./progress.ts";

test("the rate and the time left come from this run alone", () => {
  // 100 in 10 seconds; 800 more take 80.
  const line = progressLine({ done: 1200, total: 2000, failed: 3, doneNow: 100, seconds: 10 });
  assert.equal(line, "1,200/2,000  60%  10.0/s  3 failed  about 1m 20s left");
  assert.equal(progressLine({ done: 5, total: 9, failed: 0, doneNow: 0, seconds: 0 }), "5/9  55%");
  assert.equal(progressLine({ done: 9, total: 9, failed: 0, doneNow: 9, seconds: 3 }), "9/9  100%  3.0/s");
  assert.equal(progressLine({ done: 9, failed: 1, doneNow: 9, seconds: 3 }), "9 done  3.0/s  1 failed");
});

test("durations", () => {
  assert.deepEqual([0.2, 59, 61, 3600, 7500].map(duration), ["1s", "59s", "1m 1s", "1h 0m", "2h 5m"]);
});

function screen(isTTY: boolean): Screen & { text: string } {
  return {
    isTTY,
    columns: 20,
    text: "",
    write(text: string) {
      this.text += text;
    },
  };
}

test("a terminal has one line redrawn, never wider than itself; the last state is always shown", () => {
  const tty = screen(true);
  const display = new ProgressDisplay(tty, 1_000_000, 0);
  display.update(1, 0);
  display.update(1_000_000, 999);
  display.end();
  assert.equal(tty.text, "\r\x1b[K1,000,000/1,000,000\n");
});

test("a log gets whole lines, and not one for every batch", () => {
  const log = screen(false);
  const display = new ProgressDisplay(log, 4, 0);
  for (const done of [1, 2, 3, 4]) display.update(done, 0);
  display.end();
  assert.match(log.text, /^4\/4 {2}100% {2}[\d,.]+\/s\n$/);
});
