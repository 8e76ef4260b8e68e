// Takes README's picture: the photographs of the demo's page as docs/demo.jpg. Needs Chromium and a finished demo.
// Usage: npm run demo && npx tsx scripts/screenshot.ts [demo-out/index.html [docs/demo.jpg]]
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";

const [page = "demo-out/index.html", out = "docs/demo.jpg"] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const tab = await browser.newPage({ viewport: { width: 1120, height: 800 }, colorScheme: "light" });
  await tab.goto(pathToFileURL(resolve(page)).href);
  const shot = await tab.locator(".cards").first().screenshot();
  const jpeg = await sharp(shot).jpeg({ quality: 80, mozjpeg: true }).toBuffer();
  await writeFile(out, jpeg);
  console.log(`${out}: ${jpeg.length} bytes`);
} finally {
  await browser.close();
}
