import sharp from "sharp";
import { dataUrl, escapeHtml, percent } from "./html.ts";
import type { Photograph } from "./photographs.ts";

/** The section with labels, evidence and neighbours of photographs. */
export async function photographsSection(photographs: readonly Photograph[]): Promise<string> {
  const cards = await Promise.all(photographs.map((photograph) => card(photograph, photographs)));
  return `<section>
  <h2>What is in these photographs?</h2>
  <p>The network knows ImageNet's 1,000 classes. Bars show how sure it is of the best five. The light falls where it finds
  the evidence for the first, in the part of the photograph that it sees. Below are the photographs most like it, by the
  cosine of their features: these also work for what has no name in ImageNet, such as the plants and the ground.</p>
  <label class="switch"><input type="checkbox" id="evidence" checked> show the evidence</label>
  <div class="cards">
    ${cards.join("\n    ")}
  </div>
</section>`;
}

async function card(photograph: Photograph, all: readonly Photograph[]): Promise<string> {
  const { name, seen, predictions, neighbours } = photograph;
  const [best] = predictions;
  const title = escapeHtml(`${name}: ${shortLabel(best.label)}`);
  const bars = predictions.map(
    ({ label, probability }) =>
      `<li style="--share:${probability.toFixed(4)}"><span>${escapeHtml(shortLabel(label))}</span><b>${percent(probability)}</b></li>`,
  );
  const like = neighbours.map(({ row, similarity }) => {
    const other = escapeHtml(all[row].name);
    return `<figure><img src="${dataUrl("image/jpeg", all[row].thumbnail)}" alt="${other}" title="${other}"><figcaption>${similarity.toFixed(2)}</figcaption></figure>`;
  });
  return `<article class="card">
      <div class="photo"><img src="${dataUrl("image/jpeg", seen)}" alt="${title}">${await shade(photograph)}</div>
      <ol class="bars">${bars.join("")}</ol>
      ${like.length > 0 ? `<div class="like">${like.join("")}</div>` : ""}
    </article>`;
}

/** The first of ImageNet's words for a class, which commas separate. */
function shortLabel(label: string): string {
  return label.split(",")[0];
}

/** Enlargement of the map for the shade: smooth, so that no edges show. */
const SMOOTH = 16;
/** Opacity without evidence for the class. */
const DARKEST = 0.72;

/** A shade over the picture that is thinnest where the evidence is strongest. */
async function shade({ map }: Photograph): Promise<string> {
  const strongest = Math.max(...map.data, 1e-6);
  const opacity = Array.from(map.data, (x) => Math.round(255 * DARKEST * (1 - Math.max(0, x) / strongest)));
  const alpha = await sharp(Buffer.from(opacity), { raw: { width: map.width, height: map.height, channels: 1 } })
    .resize(map.width * SMOOTH, map.height * SMOOTH, { kernel: "cubic" })
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { info } = alpha;
  const png = await sharp({ create: { ...info, channels: 3, background: "black" } })
    .joinChannel(alpha.data, { raw: { width: info.width, height: info.height, channels: 1 } })
    .png({ palette: false })
    .toBuffer();
  return `<img class="shade" alt="" src="${dataUrl("image/png", png)}">`;
}
