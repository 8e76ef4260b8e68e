import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { unzipSync } from "fflate";
import { load, type Prediction, tensor, toPicture } from "mobilenets";
import type { Browser, Page } from "playwright-core";
import { preprocess } from "../../packages/mobilenets/src/image/preprocess.ts";
import { unpackFashionMnist } from "../../scripts/unpack-fashion-mnist.ts";
import { byOnnxRuntime, byTensorFlowJs, safetensorsOf } from "../support/independent-readers.ts";
import { launchChromium, openPage } from "./harness.ts";
import { barriers, keepPictures, type Site, serveSite, visit } from "./playground-site.ts";

/** Photographs of products: three classes, 8 to teach with and 4 others to ask about, each a product of its own. */
const classes = ["bag", "sneaker", "trouser"];
const [TAUGHT, ASKED] = [8, 4];

let site: Site;
let browser: Browser;
let folder: string;
/** What was downloaded, by format. */
const written: Record<string, string> = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "playground-teach-"));
  await unpackFashionMnist(folder, { classes, train: TAUGHT, test: ASKED });
  site = await serveSite();
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await site?.close();
  await rm(folder, { recursive: true });
});

const teachPanel = (page: Page) => page.locator("#panel-teach");
const held = (page: Page) => teachPanel(page).locator("[data-number=held-out] b").textContent();

async function teach(page: Page): Promise<void> {
  const panel = teachPanel(page);
  await panel.locator("input[data-input=chooseFolders]").setInputFiles(join(folder, "train"));
  await panel.getByText(`${TAUGHT} pictures, 2 held out`).nth(2).waitFor({ timeout: 60_000 });
  await panel.getByRole("button", { name: "Learn from these pictures" }).click();
  await panel.getByText(/^Learnt in/).waitFor({ timeout: 60_000 });
}

/** What the taught network says of a picture: the class, its share, and the classes of the nearest samples. */
async function ask(page: Page, path: string) {
  const panel = teachPanel(page);
  const picture = panel.locator(".tried img");
  const before = (await picture.count()) > 0 ? await picture.getAttribute("src") : "";
  await panel.locator("input[data-input=tryPicture]").setInputFiles(path);
  await panel.locator(`.tried img:not([src="${before}"])`).waitFor();
  // The answer is shown with the picture, in one task.
  const [label, share] = await panel.locator(".try .bars .row").first().locator(".label, .value").allTextContents();
  const near = await panel
    .locator(".try .near img")
    .evaluateAll((all) => all.map((one) => (one as HTMLImageElement).title));
  return { label, share: Number.parseFloat(share), near };
}

async function downloaded(page: Page, click: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

test("three classes are taught in seconds, rightly for products held out; the files and the session hold what was learnt", async (t) => {
  const { page, complaints } = await visit(browser, `${site.url}#teach`);
  const panel = teachPanel(page);
  await teach(page);
  const accuracy = Number.parseFloat((await held(page))!);
  t.diagnostic(`${await panel.locator(".lesson .status").textContent()} ${accuracy} % right of 6 held out`);
  assert.ok(accuracy >= 90, `${accuracy} %`);
  assert.equal(await panel.locator(".confused > li").count(), 6);
  assert.equal(await panel.locator(".confused .near").first().locator("img").count(), 4);
  await panel.locator(".chart svg g[stroke-dasharray] path").first().waitFor({ state: "attached" });

  let right = 0;
  let like = 0;
  for (const name of classes) {
    for (const file of await readdir(join(folder, "test", name))) {
      const { label, near } = await ask(page, join(folder, "test", name, file));
      if (label === name) right++;
      like += near.filter((one) => one === name).length;
    }
  }
  t.diagnostic(
    `asked about others: ${right} of ${3 * ASKED} right; ${like} of ${12 * ASKED} nearest samples of their class`,
  );
  assert.ok(right >= 0.9 * 3 * ASKED, `${right}`);
  assert.ok(like >= 0.8 * 12 * ASKED, `${like}`);
  await keepPictures(page, "teach");

  const asked = join(folder, "test", "bag", "0000.png");
  const { label, share } = await ask(page, asked);
  const snippets: Record<string, RegExp> = {
    module: /import \{ classify \} from "\.\/taught\.js"/,
    safetensors: /load\("taught\.safetensors"\)/,
    tflite: /Interpreter\("taught\.tflite"\)/,
    onnx: /InferenceSession\.create\("taught\.onnx"\)/,
    tfjs: /tf\.loadLayersModel\("model\.json"\)/,
  };
  for (const [format, snippet] of Object.entries(snippets)) {
    const path = await downloaded(page, () => panel.locator(`[data-format=${format}]`).click());
    const best = format === "module" ? await askModule(path, asked) : await askFile(path, asked, format);
    assert.equal(best.label, label, format);
    assert.ok(Math.abs(100 * best.probability - share) < 0.2, `${format}: ${best.probability}, ${share} %`);
    written[format] = path;
    await panel.locator("pre code", { hasText: snippet }).waitFor();
  }
  assert.deepEqual(await barriers(page), []);

  const session = await downloaded(page, () => panel.getByRole("button", { name: "Save the session" }).click());

  await page.reload();
  await panel.locator("input[data-input=openSession]").setInputFiles(session);
  await panel.getByText("As the session file has it.").waitFor({ timeout: 60_000 });
  assert.equal(Number.parseFloat((await held(page))!), accuracy);
  const names = panel.locator(".class-name");
  assert.deepEqual(
    (await names.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))).sort(),
    classes,
  );
  const again = await ask(page, asked);
  assert.deepEqual({ label: again.label, share: again.share }, { label, share });
  await changed(page);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("others' programs compute the same with the files: ONNX Runtime, TensorFlow.js, LiteRT", async (t) => {
  const asked = join(folder, "test", "bag", "0000.png");
  const model = await load(written.safetensors);
  const input = tensor([1, ...model.inputShape]);
  preprocess(await toPicture(asked), model.preprocessing, input.data, 0);
  const { data: expected } = await model.predict(input);
  const byModule = await moduleAnswer(written.module, asked, model.labels);
  const tfjs = await byTensorFlowJs(join(folder, "tfjs", "model.json"), input);
  const litert = new URL("../peers/node_modules/@litertjs/core/wasm/", import.meta.url);
  const served = (await readdir(litert)).map(async (name) => [
    `/litert/${name}`,
    await readFile(new URL(name, litert)),
  ]);
  const page = await openPage<typeof import("./litert.page.ts")>(new URL("./litert.page.ts", import.meta.url), {
    "/taught.tflite": await readFile(written.tflite),
    ...Object.fromEntries(await Promise.all(served)),
  });
  const answers = {
    module: byModule,
    onnx: await byOnnxRuntime(written.onnx, input),
    tfjs: tfjs.answer,
    tflite: await page.call("answer", "/taught.tflite", input.data, [...input.shape]),
  };
  await page.close();
  model.dispose();
  assert.ok(Math.max(...expected) < 0.9999, "an answer so sure hides differences");
  // The numbers in safetensors are those that TensorFlow.js has computed with.
  assert.deepEqual(new Map([...safetensorsOf(written.safetensors)].sort()), new Map([...tfjs.weights].sort()));
  for (const [name, answer] of Object.entries(answers)) {
    const worst = Math.max(...expected.map((x, i) => Math.abs(x - answer[i])));
    t.diagnostic(`${name}: ${worst.toExponential(1)}`);
    assert.equal(answer.length, classes.length, name);
    assert.ok(worst <= 1e-4, `${name}: ${[...answer]}, expected ${[...expected]}`);
  }
});

/** A downloaded module's answer in the order of the classes. */
async function moduleAnswer(path: string, asked: string, labels: readonly string[]): Promise<readonly number[]> {
  const { classify } = await import(pathToFileURL(path).href);
  const all: Prediction[] = await classify(await toPicture(asked));
  return labels.map((label) => all.find((one) => one.label === label)?.probability ?? Number.NaN);
}

/** A downloaded module, which Node imports as it is. */
async function askModule(path: string, asked: string): Promise<Prediction> {
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const module = await import(pathToFileURL(path).href);
  assert.deepEqual([...module.labels].sort(), classes);
  return (await module.classify(await toPicture(asked)))[0];
}

async function askFile(path: string, asked: string, format: string): Promise<Prediction> {
  const model = await load(format === "tfjs" ? await unpacked(path) : path, { warn: () => {} });
  assert.deepEqual([...model.labels].sort(), classes, format);
  const [best] = await model.classify(asked);
  model.dispose();
  return best;
}

async function unpacked(archive: string): Promise<string> {
  const to = join(folder, "tfjs");
  await mkdir(to);
  for (const [name, bytes] of Object.entries(unzipSync(await readFile(archive))))
    await writeFile(join(to, name), bytes);
  return join(to, "model.json");
}

/** What changes a session that was taught, and what goes wrong. */
async function changed(page: Page): Promise<void> {
  const panel = teachPanel(page);
  // Dropped on a class, with one that is no picture.
  const [bag] = await readdir(join(folder, "test", "bag"));
  const bytes = [...(await readFile(join(folder, "test", "bag", bag)))];
  await panel
    .locator(".class")
    .first()
    .evaluate((card, data) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(data)], "new.png", { type: "image/png" }));
      dataTransfer.items.add(new File(["no picture"], "broken.png", { type: "image/png" }));
      card.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, bytes);
  await page.getByText(/1 of the files cannot be read .*broken\.png: cannot be decoded/).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await panel.getByText(`${TAUGHT + 1} pictures, 2 held out`).waitFor();
  await panel.getByText(/The pictures have changed since/).waitFor();

  await panel.locator("input[value=blocks]").check();
  await panel.getByRole("button", { name: "Learn from these pictures" }).click();
  await panel.getByText("The last blocks learn").waitFor({ timeout: 60_000 });
  await panel.getByRole("button", { name: "Stop" }).last().click();
  await panel.getByText(/^Stopped after .* s: what was learnt by then stays/).waitFor({ timeout: 60_000 });
  assert.ok(Number.parseFloat((await held(page))!) >= 80);

  // Taken away with the keyboard.
  await panel.locator(".class").first().locator(".away").first().focus();
  await page.keyboard.press("Enter");
  await panel.getByText(`${TAUGHT} pictures, 2 held out`).nth(2).waitFor();

  // A session file that is broken changes nothing.
  const broken = { name: "b.safetensors", mimeType: "", buffer: Buffer.from("no session") };
  await panel.locator("input[data-input=openSession]").setInputFiles(broken);
  await page.getByText(/This session cannot be opened; nothing has changed\. b\.safetensors/).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  assert.equal(await panel.locator(".class").count(), 3);

  // The webcam is refused.
  await panel.getByRole("button", { name: "Record" }).first().click();
  await page.getByText(/The webcam is not allowed\. Allow it|No webcam was found/).waitFor();
}
