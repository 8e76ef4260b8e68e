import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { InvalidArgumentError } from "commander";
import { OptionError, type Preprocessing } from "mobilenets";
import { resolvePreprocessing, toPreprocessing } from "./preprocessing-spec.ts";

const asked: Preprocessing = {
  ...{ height: 96, width: 128, channels: 3, crop: "center", cropFraction: 0.875 },
  ...{ mean: [1, 2, 3], std: [4, 5, 6] },
};
const grey: Preprocessing = { ...asked, channels: 1, mean: [0], std: [1] };

test("names, settings, and both with commas between them", () => {
  assert.deepEqual(toPreprocessing("signed"), { mean: 127.5, std: 127.5 });
  assert.deepEqual(toPreprocessing("unit"), { mean: 0, std: 255 });
  assert.deepEqual(toPreprocessing("crop=squash,mean=127.5,std=1:2:3"), {
    crop: "squash",
    mean: 127.5,
    std: [1, 2, 3],
  });
  assert.deepEqual(toPreprocessing("signed, crop=pad, std=64"), { mean: 127.5, std: 64, crop: "pad" });
  const keras = { crop: "squash", cropFraction: 1, resize: "pillow-nearest" };
  assert.deepEqual(toPreprocessing("keras"), keras);
  assert.deepEqual(toPreprocessing("tf.image,signed").resize, "tensorflow-bilinear");
  assert.deepEqual(toPreprocessing("keras,resize=pillow-lanczos,raw"), {
    ...keras,
    resize: "pillow-lanczos",
    mean: 0,
    std: 1,
  });
  assert.deepEqual(toPreprocessing("imagenet").mean, [123.675, 116.28, 103.53]);
});

test("JSON, as text and in a file", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "preprocessing-"));
  t.after(() => rm(dir, { recursive: true }));
  const path = join(dir, "spec.json");
  await writeFile(path, '{"crop": "pad", "mean": [1, 2, 3]}');
  assert.deepEqual(toPreprocessing(path), { crop: "pad", mean: [1, 2, 3] });
  assert.deepEqual(toPreprocessing('{"cropFraction": 1}'), { cropFraction: 1 });
  await writeFile(path, "crop: pad");
  assert.throws(() => toPreprocessing(path), /Expected JSON: .*spec\.json is not/);
});

test("what is no spec is refused with what was likely meant", () => {
  for (const [text, message] of [
    ["singed", /Expected one of signed, unit, raw, imagenet, .*did you mean signed\?/],
    ["nothing.json", /Expected one of signed, .*, timm, settings as in .*, or a JSON file\.$/],
    ["constructor", /Expected one of signed/],
    ["signed,", /Expected one of signed/],
    ["croop=pad", /"croop" is no setting: did you mean crop\?/],
    ["__proto__=1", /"__proto__" is no setting/],
    ["crop=left", /crop is "left", expected center, squash, pad/],
    ["resize=bilinear", /resize is "bilinear", expected mobilenets, pillow-nearest, /],
    ["std=0", /std is 0, expected a number above 0/],
    ["mean=1:x", /mean is "1:x", expected a number/],
    ["mean=", /mean is "", expected a number/],
    ["cropFraction=1.5", /cropFraction is 1\.5, expected a number in \(0, 1\]/],
    ["[1]", /Expected one of signed/],
    ['{"mean": []}', /mean is \[\], expected/],
    ['{"mean": null}', /mean is null, expected/],
    ["{", /Expected JSON/],
  ] as const) {
    assert.throws(
      () => toPreprocessing(text),
      (error: Error) => error instanceof InvalidArgumentError && message.test(error.message),
      text,
    );
  }
});

test("only what is named changes, a number stands for every channel, --crop goes first", () => {
  assert.deepEqual(resolvePreprocessing(asked, {}), asked);
  const signed = toPreprocessing("signed");
  const expected = { ...asked, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
  assert.deepEqual(resolvePreprocessing(asked, { preprocessing: signed }), expected);
  assert.deepEqual(resolvePreprocessing(grey, { preprocessing: signed }), { ...grey, mean: [127.5], std: [127.5] });
  const cropped = { preprocessing: toPreprocessing("crop=squash"), crop: "pad" } as const;
  assert.equal(resolvePreprocessing(asked, cropped).crop, "pad");
});

test("a spec made for another input is refused", () => {
  assert.deepEqual(resolvePreprocessing(asked, { preprocessing: asked }), asked);
  for (const [base, spec, message] of [
    [
      grey,
      "imagenet",
      /--preprocessing: 3 numbers of mean, expected 1 for the channels of the network, or one for all/,
    ],
    [asked, "height=224", /--preprocessing: height 224, expected 96, the network's: --size/],
    [asked, '{"channels":1}', /channels 1, expected 3/],
  ] as const) {
    assert.throws(
      () => resolvePreprocessing(base, { preprocessing: toPreprocessing(spec) }),
      (error: Error) => error instanceof OptionError && message.test(error.message),
      spec,
    );
  }
});
