// Takes README's picture: the top of the demo's page as docs/neighbours.png. Needs Chromium and a finished demo.
// Usage: npm run demo && npx tsx scripts/screenshot.ts [demo-out/neighbours.html [docs/neighbours.png]]
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";

const [page = "demo-out/neighbours.html", out = "docs/neighbours.png"] = process.argv.slice(2);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
try {
  const viewport = { width: 1120, height: 800 };
  const tab = await browser.newPage({ viewport, colorScheme: "light", deviceScaleFactor: 1.25 });
  await tab.goto(pathToFileURL(resolve(page)).href);
  const box = await tab.locator("section").first().boundingBox();
  if (!box) throw new Error(`${page}: no section to take`);
  const clip = { x: 0, y: 0, width: viewport.width, height: box.y + box.height + 20 };
  const shot = await tab.screenshot({ fullPage: true, clip });
  // The page has a few hues and greys: a palette keeps it small without a visible difference.
  const png = await sharp(shot).png({ palette: true, colours: 64, dither: 0 }).toBuffer();
  await writeFile(out, png);
  console.log(`${out}: ${png.length} bytes`);
} finally {
  await browser.close();
}
