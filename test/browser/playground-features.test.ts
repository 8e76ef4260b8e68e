import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import weights from "@mobilenets/weights-imagenet";
import { load, type Model } from "mobilenets";
import type { Browser } from "playwright-core";
import { launchChromium } from "./harness.ts";
import { barriers, keepPictures, type Site, serveSite, visit } from "./playground-site.ts";

/** The page's samples, by their names there. */
const samples = { "a cat": "cat", "an espresso": "espresso", "a rocket": "rocket" };
const pathOf = (name: string) =>
  fileURLToPath(new URL(`../../apps/playground/src/samples/${name}.jpg`, import.meta.url));

let site: Site;
let browser: Browser;
let model: Model;

before(async () => {
  site = await serveSite();
  browser = await launchChromium();
  model = await load(weights);
});

after(async () => {
  model?.dispose();
  await browser?.close();
  await site?.close();
});

/** The largest value of each channel of a layer's map, as the library has it. */
async function strengthsOf(name: string, layer: string): Promise<number[]> {
  const { [layer]: map } = await model.features(pathOf(name), [layer]);
  const channels = map.shape[3];
  return Array.from({ length: channels }, (_, c) =>
    map.data.reduce((most, value, i) => (i % channels === c ? Math.max(most, value) : most), -Infinity),
  );
}

test("the network is drawn from its graph; a layer shows its maps, a channel the pictures that excite it most", async () => {
  const { page, complaints } = await visit(browser, `${site.url}#features`);
  const panel = page.locator("#panel-features");
  const options = panel.getByRole("option");
  await panel.locator(".map-button").first().waitFor({ timeout: 60_000 });
  const shown = model.program.graph.nodes.filter(({ op }) => ["conv2d", "depthwise_conv2d", "add"].includes(op));
  assert.equal(await options.count(), shown.length);
  const residuals = shown.filter(({ op }) => op === "add").length;
  assert.equal(await panel.locator(".network .shortcut").count(), residuals);
  assert.deepEqual(await barriers(page), []);

  // The map is that after the layer's activation. With the keyboard, from the layer chosen first to the next.
  const wanted = shown.findIndex(({ name }) => name === "block6a_dwconv");
  await options.nth(wanted - 1).click();
  await page.keyboard.press("ArrowRight");
  await panel.getByRole("heading", { name: "Maps of block6a_dwconv" }).waitFor();
  assert.equal(await options.nth(wanted).getAttribute("aria-selected"), "true");
  const layer = lastOf("block6a_dwconv");
  await panel.getByText(/depthwise convolution, window 5 x 5, .* 7 x 7 pixels in 672 channels/).waitFor();

  const cat = await strengthsOf("cat", layer);
  const first = panel.locator(".map-button").first();
  const [, channel, strength] = /channel (\d+), at most ([\d.]+)/.exec((await first.getAttribute("aria-label"))!)!;
  assert.ok(Math.abs(Number(strength) - Math.max(...cat)) < 0.05, `${strength}, ${Math.max(...cat)}`);
  assert.ok(Math.abs(cat[Number(channel)] - Math.max(...cat)) < 0.05);

  // A channel that tells the samples apart.
  const others = { espresso: await strengthsOf("espresso", layer), rocket: await strengthsOf("rocket", layer) };
  const telling = await panel
    .locator(".map-button")
    .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset.channel)));
  const best = telling.find((c) => cat[c] > 1.5 * Math.max(others.espresso[c], others.rocket[c]));
  assert.ok(best !== undefined);
  await panel.locator(`[data-channel="${best}"]`).click();
  await panel.locator(".exciting-list li").nth(5).waitFor({ timeout: 60_000 });
  const found = await panel.locator(".exciting-list li").evaluateAll((all) =>
    all.map((one) => ({
      name: one.querySelector("img")!.alt,
      strength: Number(one.querySelector(".value")!.textContent),
    })),
  );
  for (const [shownAs, name] of Object.entries(samples)) {
    const expected = name === "cat" ? cat[best] : others[name as keyof typeof others][best];
    const { strength: told } = found.find((one) => one.name === shownAs)!;
    assert.ok(Math.abs(told - expected) < 0.15, `${name}: ${told}, ${expected}`);
  }
  assert.deepEqual(
    found.map((one) => one.strength),
    found.map((one) => one.strength).toSorted((a, b) => b - a),
  );
  assert.equal(await panel.locator(".exciting-list canvas").first().isVisible(), true);
  await keepPictures(page, "features");

  // A picture that comes is the one looked at; of the network's own weight file the drawing is made anew.
  await panel.locator("input[data-input=addToThese]").setInputFiles(pathOf("barn"));
  await panel.locator(".sample[aria-pressed=true] img[title='barn.jpg']").waitFor();
  const fashion = new URL("../../packages/mobilenets/weights/fashion-mnist.safetensors", import.meta.url);
  await page.getByRole("tab", { name: "Classify" }).click();
  await page.locator("input[data-input=modelFile]").setInputFiles(fileURLToPath(fashion));
  await page.locator(".facts", { hasText: /^mobilenet_v/ }).waitFor();
  await page.getByRole("tab", { name: "Features" }).click();
  await panel.locator(".map-button").first().waitFor();
  assert.notEqual(await options.count(), shown.length);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

/** The last of the layers that follow a convolution and keep its map. */
function lastOf(name: string): string {
  const { nodes } = model.program.graph;
  const next = nodes.find((node) => node.inputs.includes(name));
  return next && ["batch_normalization", "activation"].includes(next.op) ? lastOf(next.name) : name;
}
