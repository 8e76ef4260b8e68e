// Shows the library on real pictures, on one page: labels, evidence and neighbours of photographs; features of products of
// Fashion-MNIST, by a small network that was not trained on them; next steps for the user's own pictures.
// Usage: npm run demo [-- my/*.jpg] [--out demo-out] [--per-class 100]; then open demo-out/index.html.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { load, MobileNetsError } from "mobilenets";
import { fashion } from "./demo/fashion.ts";
import { nextSection } from "./demo/next-section.ts";
import { demoPage } from "./demo/page.ts";
import { lookAt } from "./demo/photographs.ts";
import { photographsSection } from "./demo/photographs-section.ts";
import { mobilenets } from "./mobilenets.ts";

/** Samples in the order of the page. SOURCES.md beside them names their authors. */
const SAMPLES = [
  "cat",
  "espresso",
  "photographer",
  "rocket",
  "mountains",
  "canyon",
  "barn",
  "sheep",
  "allium",
  "acanthus",
  "grass",
  "gravel",
].map((name) => fileURLToPath(new URL(`../examples/photographs/${name}.jpg`, import.meta.url)));

/** Most pictures: a larger page is too big to send. */
const MOST = 100;

const { values, positionals: own } = parseArgs({
  allowPositionals: true,
  options: { "per-class": { type: "string", default: "100" }, out: { type: "string", default: "demo-out" } },
});
const { out } = values;
const perClass = Number(values["per-class"]);
if (!Number.isInteger(perClass) || perClass < 2 || perClass > 1000) {
  console.error(`--per-class ${values["per-class"]}: expected an integer from 2 to 1000`);
  process.exit(2);
}

const start = performance.now();
const since = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
const paths = (own.length > 0 ? own : SAMPLES).slice(0, MOST);
if (own.length > MOST) console.log(`The first ${MOST} of ${own.length} pictures are shown.\n`);
await mkdir(out, { recursive: true });

await mobilenets("classify", ...paths, "--top", "1");
const model = await load();
const photographs = await lookAt(model, paths).catch((error: unknown) => {
  if (!MobileNetsError.is(error)) throw error;
  console.error(`error: ${error.message}`);
  process.exit(1);
});
model.dispose();
console.log(`Labels, evidence and neighbours of ${paths.length} photographs are done (${since()}).\n`);

const sections = [await photographsSection(photographs)];
const credits = ["Network: EfficientNet-Lite0, trained on ImageNet by Google, Apache-2.0."];
if (own.length === 0) {
  sections.push(await fashion(out, perClass));
  credits.unshift("Photographs: public domain and CC0, see examples/photographs/SOURCES.md.");
  credits.push("Products: Fashion-MNIST, © Zalando SE, MIT licence.");
}
const page = join(out, "index.html");
await writeFile(page, demoPage([...sections, nextSection], credits.join(" ")));
console.log(`Done in ${since()}. Look at ${page}.`);
