// The drop-ins in Chromium, with what a page has for pictures; the original beside them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { hubModel } from "../compat/hub-model.ts";
import { openPage } from "./harness.ts";

const read = (path: string) => readFile(new URL(path, import.meta.url));
const { json, bytes } = hubModel(1);
const page = await openPage<typeof import("./compat.page.ts")>(
  new URL("./compat.page.ts", import.meta.url),
  {
    "/hub/model.json": Buffer.from(JSON.stringify(json)),
    "/hub/group1-shard1of1.bin": bytes,
    "/tm/model.json": await read("../golden/teachable-machine/model.json"),
    "/tm/weights.bin": await read("../golden/teachable-machine/weights.bin"),
    "/tm/metadata.json": await read("../golden/teachable-machine/metadata.json"),
    "/photo.jpg": await read("../../examples/photographs/cat.jpg"),
  },
  [],
  undefined,
  ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
);
after(() => page.close());

test("elements give what they give to @tensorflow-models/mobilenet", async () => {
  const { differences, late } = await page.call("elements", "/hub/model.json", "/photo.jpg");
  assert.deepEqual(Object.keys(differences), ["image", "small", "canvas", "data", "faint", "video"]);
  for (const [name, difference] of Object.entries(differences)) assert.ok(difference <= 1e-4, `${name}: ${difference}`);
  assert.ok(late);
});

test("elements are classified by Teachable Machine's and ml5's drop-ins", async () => {
  const { classes, labels } = await page.call("labelled", "/tm/", "/photo.jpg");
  assert.deepEqual(classes, ["Cat", "Dog", "Nothing"]);
  assert.deepEqual(labels, ["Cat", "Dog", "Nothing"]);
});

test("the webcam draws what the camera sees, and ends", async () => {
  const { colours, ended } = await page.call("webcam");
  assert.ok(colours > 2, `${colours} colours`);
  assert.ok(ended);
});
