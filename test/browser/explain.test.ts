import assert from "node:assert/strict";
import { after, test } from "node:test";
import { networkNames } from "mobilenets";
import { lessonOf, wholeLesson } from "../../packages/cli/src/explain/lesson.ts";
import { lessonPage } from "../../packages/cli/src/explain/page/page.ts";
import { launchChromium } from "./harness.ts";

const browser = await launchChromium();
after(() => browser.close());

const pages = [
  ["the lesson", wholeLesson({})],
  ...networkNames.map((name) => [name, lessonOf(name, {})] as const),
  ["a thin network", lessonOf("mobilenet_v3_small", { alpha: 0.1, flavor: "article", inputShape: [32, 64, 1] })],
  ["a wide network", lessonOf("mobilenet_v1", { alpha: 4, depthMultiplier: 3, includeTop: false })],
] as const;

for (const [name, lesson] of pages) {
  test(`${name}: the page asks for nothing, fits a phone and a desk, and its drawings keep inside their frames`, async () => {
    const html = lessonPage(lesson);
    for (const [width, colorScheme] of [
      [360, "dark"],
      [1280, "light"],
    ] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const asked: string[] = [];
      const errors: unknown[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => errors.push(error));
      page.on("console", (message) => errors.push(message.text()));
      await page.setContent(html);
      const found = await page.evaluate(() => {
        const outside = [...document.querySelectorAll("figure svg text, figure svg rect")].filter((shape) => {
          const frame = shape.closest("figure")!.getBoundingClientRect();
          const box = shape.getBoundingClientRect();
          return box.width > 0 && (box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom);
        });
        return {
          tooWide: document.documentElement.scrollWidth - window.innerWidth,
          outside: outside.map((shape) => shape.outerHTML),
          drawings: document.querySelectorAll("figure svg").length,
          background: getComputedStyle(document.body).backgroundColor,
        };
      });
      await page.close();
      assert.deepEqual([asked, errors, found.outside], [[], [], []], `${width} pixels`);
      assert.ok(found.tooWide <= 0, `${width} pixels: ${found.tooWide} too wide`);
      assert.ok(found.drawings >= 20, String(found.drawings));
      assert.equal(found.background, colorScheme === "dark" ? "rgb(20, 22, 26)" : "rgb(250, 250, 250)");
    }
  });
}
