// Classes that are taught with the webcam, a taught network that is asked about it, and a webcam that ends.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { firstAnswer, launchWithWebcam, type Site, serveSite, visit } from "./playground-site.ts";

const photographs = new URL("../../examples/photographs/", import.meta.url);

let site: Site;
let browser: Browser;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "playground-webcam-"));
  site = await serveSite();
  browser = await launchWithWebcam(new URL("espresso.jpg", photographs), folder);
});

after(async () => {
  await browser?.close();
  await site?.close();
  await rm(folder, { recursive: true });
});

/** As a webcam that is unplugged says it. */
const unplug = (page: Page, video: string) =>
  page.locator(video).evaluate((element: HTMLVideoElement) => {
    for (const track of (element.srcObject as MediaStream).getTracks()) track.dispatchEvent(new Event("ended"));
  });

test("a class recorded by the webcam beside one of files; the taught network knows the webcam; it ends in words", async () => {
  const { page, complaints } = await visit(browser, `${site.url}#teach`, { permissions: ["camera"] });
  const panel = page.locator("#panel-teach");
  const cards = panel.locator(".class");
  await cards.nth(1).waitFor();
  await cards.nth(0).locator(".class-name").fill("cup");
  await cards.nth(1).locator(".class-name").fill("cat");
  await cards.nth(0).getByRole("button", { name: "Record" }).click();
  await cards.nth(0).locator(".thumb").nth(3).waitFor({ timeout: 60_000 });
  await cards.nth(0).getByRole("button", { name: "Stop" }).click();
  const names = ["cat", "sheep", "rocket"];
  const files = names.map((name) => join(new URL(`${name}.jpg`, photographs).pathname));
  await cards.nth(1).locator("input[data-input=addPictures]").setInputFiles(files);
  await cards.nth(1).locator(".thumb").nth(2).waitFor({ timeout: 60_000 });
  await panel.getByRole("button", { name: "Learn from these pictures" }).click();
  await panel.getByText(/^Learnt in/).waitFor({ timeout: 60_000 });

  const tried = panel.locator(".try");
  await tried.getByRole("button", { name: "Use the webcam" }).click();
  await tried.locator(".bars .label", { hasText: "cup" }).first().waitFor({ timeout: 60_000 });
  assert.equal(await tried.locator(".bars .label").first().textContent(), "cup");
  await unplug(page, "#panel-teach .tried video");
  await page.getByText(/^The webcam has ended/).waitFor();
  await tried.getByRole("button", { name: "Use the webcam" }).waitFor();
  await page.getByRole("button", { name: "Close" }).click();

  await cards.nth(0).getByRole("button", { name: "Record" }).click();
  await cards.nth(0).locator(".preview video").waitFor();
  await unplug(page, "#panel-teach .preview video");
  await page.getByText(/^The webcam has ended/).waitFor();
  await cards.nth(0).getByRole("button", { name: "Record" }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("each frame of the webcam is looked at once, without VideoFrame too", async () => {
  const { page, complaints } = await visit(browser, site.url, { permissions: ["camera"], serviceWorkers: "block" });
  for (const isMissing of [false, true]) {
    if (isMissing) {
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, "VideoFrame"));
      await page.reload();
    }
    await firstAnswer(page, /cat/);
    await page.getByRole("button", { name: "Use the webcam" }).click();
    await firstAnswer(page, /espresso/);
    const { answers, frames } = await page.evaluate(async () => {
      const video = document.querySelector("video") as HTMLVideoElement;
      const time = document.querySelector("#panel-classify .number b") as Element;
      const counted = { answers: 0, frames: 0 };
      const watcher = new MutationObserver(() => counted.answers++);
      watcher.observe(time, { childList: true });
      const begun = video.getVideoPlaybackQuality().totalVideoFrames;
      await new Promise((done) => setTimeout(done, 1500));
      counted.frames = video.getVideoPlaybackQuality().totalVideoFrames - begun;
      return counted;
    });
    // Two may have been under way.
    assert.ok(answers > 0 && answers <= frames + 2, `${answers} answers to ${frames} frames`);
    await unplug(page, ".frame video");
    await page.getByText(/^The webcam has ended/).waitFor();
    await page.getByRole("button", { name: "Use the webcam" }).waitFor();
  }
  assert.deepEqual(complaints, []);
  await page.context().close();
});
