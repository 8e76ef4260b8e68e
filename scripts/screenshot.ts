// Takes screenshots of pages for README and docs, of the first element of a selector. Needs Chromium.
// README's, two of three rows: npm run demo && npx tsx scripts/screenshot.ts demo-out/index.html docs/demo.jpg .cards 0 0.66
// docs/explain.md's: npx mobilenets explain --html lesson.html && npx tsx scripts/screenshot.ts lesson.html docs/explain.png section 24
// The first number is the margin in pixels around the element, the second the share of its height, from the top.
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";

const [page = "demo-out/index.html", out = "docs/demo.jpg", selector = ".cards", around = "0", share = "1"] =
  process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const tab = await browser.newPage({ viewport: { width: 1120, height: 800 }, colorScheme: "light" });
  await tab.goto(pathToFileURL(resolve(page)).href);
  const box = await tab.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${page}: no ${selector} to take`);
  const pad = Number(around);
  const clip = {
    x: box.x - pad,
    y: box.y - pad,
    width: box.width + 2 * pad,
    height: Number(share) * box.height + 2 * pad,
  };
  const shot = await tab.screenshot({ fullPage: true, clip });
  const picture = sharp(shot);
  // Drawings have few colours: a palette makes the file small without a visible difference.
  const file = out.endsWith(".png")
    ? picture.png({ palette: true, colours: 64, dither: 0 })
    : picture.jpeg({ quality: 80, mozjpeg: true });
  const bytes = await file.toBuffer();
  await writeFile(out, bytes);
  console.log(`${out}: ${bytes.length} bytes`);
} finally {
  await browser.close();
}
