import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../errors.ts";
import type { Dataset } from "./dataset.ts";
import { hashText } from "./hash.ts";
import { split } from "./split.ts";

function dataset(ids: readonly string[], label: (i: number) => number = () => 0, classes = ["a", "b", "c"]): Dataset {
  return {
    classes,
    examples: ids.map((id, i) => ({ id, labels: [label(i)] })),
    picture: () => Promise.reject(new Error("not needed")),
  };
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `cat/${i}.jpg`);

test("the share is kept, and both sides together are all", () => {
  const { train, validation } = split(dataset(names(10_000)), { validation: 0.2, seed: 3 });
  assert.deepEqual(
    [...train, ...validation].sort((a, b) => a - b),
    [...Array(10_000).keys()],
  );
  // The tolerance is five standard deviations of a binomial distribution.
  assert.ok(Math.abs(validation.length - 2000) < 5 * Math.sqrt(10_000 * 0.2 * 0.8), `${validation.length}`);
});

test("an example stays on its side when others come and go", () => {
  const before = names(500);
  const after = [...names(300), "dog/1.jpg", ...names(900).slice(400)];
  const sideOf = (ids: string[]) => {
    const { validation } = split(dataset(ids), { validation: 0.3 });
    return new Set(validation.map((i) => ids[i]!));
  };
  const [first, second] = [sideOf(before), sideOf(after)];
  for (const id of before) if (after.includes(id)) assert.equal(first.has(id), second.has(id), id);
});

test("another seed gives another split, the same seed the same", () => {
  const set = dataset(names(200));
  assert.deepEqual(split(set, { seed: 1 }), split(set, { seed: 1 }));
  assert.notDeepEqual(split(set, { seed: 1 }).validation, split(set, { seed: 2 }).validation);
});

test("a class with one picture trains it, and a class is never validated only", () => {
  // All these ids fall into validation, two of class b, one of c.
  const low = names(1000).filter((id) => hashText(id, 0) / 2 ** 32 < 0.5);
  const ids = [
    ...names(1000)
      .filter((id) => !low.includes(id))
      .slice(0, 3),
    ...low.slice(0, 3),
  ];
  const labels = [0, 0, 0, 1, 1, 2];
  const warnings: string[] = [];
  const result = split(
    dataset(ids, (i) => labels[i]!, ["a", "b", "c", "d"]),
    {
      validation: 0.5,
      onWarning: (warning) => warnings.push(warning),
    },
  );
  const higher = hashText(ids[3]!) > hashText(ids[4]!) ? 3 : 4;
  assert.deepEqual(result, { train: [0, 1, 2, higher, 5], validation: [7 - higher] });
  assert.equal(warnings.length, 3);
  assert.match(warnings[0]!, /"a": 3 to train with, none to validate/);
  assert.match(warnings[1]!, /"c": 1 to train with, none to validate/);
  assert.match(warnings[2]!, /"d": no pictures/);
});

test("no validation, no warning; a share out of range is an error", () => {
  const set = dataset(names(10));
  const onWarning = () => assert.fail("warned");
  assert.equal(split(set, { validation: 0, onWarning }).train.length, 10);
  for (const validation of [-0.1, 1, Number.NaN]) assert.throws(() => split(set, { validation }), OptionError);
});
