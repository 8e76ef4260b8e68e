import assert from "node:assert/strict";
import { test } from "node:test";
import { MobileNetsError, OptionError, WeightsError } from "./errors.ts";

test("a message has its parts in order, those that are given", () => {
  const all = { where: "conv1", found: "3", expected: "4", hint: "is it another file?" };
  assert.equal(new WeightsError(all).message, "conv1: 3, expected 4: is it another file?");
  assert.equal(new WeightsError({ where: "conv1", found: "3" }).message, "conv1: 3");
  assert.match(new OptionError(all).stack as string, /^OptionError: conv1: 3/);
  assert.equal(new OptionError(all).name, "OptionError");
  assert.ok(MobileNetsError.is(new OptionError(all)));
});

test("what a terminal would obey is written out, on one line", () => {
  const { message, where } = new WeightsError({ where: "a\u001b[2J\nb\u007f\u202ec\u0085", found: "é\t漢 🐈" });
  assert.equal(message, "a\\u001b[2J\\nb\\u007f\\u202ec\\u0085: é\\t漢 🐈");
  assert.equal(where, "a\u001b[2J\nb\u007f\u202ec\u0085");
});

test("a megabyte in a file makes no megabyte of message", () => {
  const long = "x".repeat(1e6);
  const { message } = new WeightsError({ where: long, found: `shape ${long}`, expected: long, hint: long });
  assert.ok(message.length < 7000, `${message.length} characters`);
});
