// Archives, compressed or not, unpack in browsers as they do in Node.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { load } from "../../packages/mobilenets/src/load.ts";
import { openPage } from "./harness.ts";

const golden = new URL("../golden/", import.meta.url);
const paths = [
  "keras/packed/tiny.keras",
  "keras/packed/deflated.keras",
  "keras/packed/gzip.h5",
  "torch/torchvision-v3-small.pth",
  "torch/timm-v1-legacy.pth",
];
const files = Object.fromEntries(paths.map((path) => [`/${path}`, readFileSync(new URL(path, golden))]));
const deflated = files["/keras/packed/deflated.keras"];
const page = await openPage<typeof import("./formats.page.ts")>(new URL("./formats.page.ts", import.meta.url), {
  ...files,
  "/bomb.keras": zipSync({ "config.json": [new Uint8Array(5e7), { level: 9 }] }),
  "/damaged.keras": deflated.map((byte, i) => (i > 200 && i < 260 ? byte ^ 0xff : byte)),
});
after(() => page.close());

for (const path of paths) {
  test(`${path} opens in a page as in Node`, async () => {
    const { weights, result } = await page.call("opened", `/${path}`);
    const model = await load(fileURLToPath(new URL(path, golden)));
    for (const [name, { data }] of Object.entries(model.program.weights)) assert.deepEqual(weights[name], data, name);
    assert.equal(Object.keys(weights).length, Object.keys(model.program.weights).length);
    assert.ok(result.length === 5 && result.every(Number.isFinite), `${result}`);
    model.dispose();
  });
}

test("archives that grow beyond measure, or are damaged, are refused there too", async () => {
  assert.match(await page.call("refusal", "/bomb.keras"), /^WeightsError .*50000000 bytes, unpacked, expected at most/);
  assert.match(await page.call("refusal", "/damaged.keras"), /^WeightsError \/damaged\.keras/);
});
