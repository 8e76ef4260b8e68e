import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidArgumentError } from "commander";
import { toInteger, toNames, toNumber, toSize, toThreads } from "./numbers.ts";

test("numbers", () => {
  assert.equal(toNumber("0.25"), 0.25);
  for (const bad of ["", " ", "x", "1.0.0", "NaN", "Infinity"]) {
    assert.throws(() => toNumber(bad), InvalidArgumentError, bad);
  }
});

test("integers have a least value", () => {
  assert.equal(toInteger(1)("12"), 12);
  assert.equal(toInteger(1, 64)("64"), 64);
  assert.throws(() => toInteger(1, 64)("65"), /from 1 to 64/);
  for (const bad of ["0", "-1", "1.5", "1e20", "two"])
    assert.throws(() => toInteger(1)(bad), InvalidArgumentError, bad);
});

test("a size is one number, or height x width", () => {
  assert.deepEqual(toSize("224"), [224, 224]);
  assert.deepEqual(toSize("192x256"), [192, 256]);
  for (const bad of ["", "x", "224x", "x224", "224x224x3", "-5", "22.4", "224 "]) {
    assert.throws(() => toSize(bad), InvalidArgumentError, bad);
  }
});

test("threads are a number or auto", () => {
  assert.equal(toThreads("auto"), "auto");
  assert.equal(toThreads("4"), 4);
  assert.throws(() => toThreads("0"), InvalidArgumentError);
});

test("names stand between commas", () => {
  assert.deepEqual(toNames("cuda"), ["cuda"]);
  assert.deepEqual(toNames("cuda, cpu"), ["cuda", "cpu"]);
  for (const bad of ["", ",", "cuda,", "a,,b"]) assert.throws(() => toNames(bad), InvalidArgumentError, bad);
});
