import type { Evaluation } from "./evaluate.ts";
import { dataUrl, escapeHtml, percent } from "./html.ts";
import type { DemoPicture } from "./pictures.ts";

export interface FashionContent {
  readonly pictures: readonly DemoPicture[];
  readonly features: Evaluation;
  readonly pixels: Evaluation;
  readonly classNames: readonly string[];
  /** Number of voting neighbours. */
  readonly k: number;
}

/** Neighbours of products, by features and by pixels, and the results of their votes. */
export function fashionSection(content: FashionContent): string {
  const { pictures, features, pixels, classNames, k } = content;
  return `<section>
  <h2>A small network of our own, on products it has never seen</h2>
  <div class="beside">
    <p>${pictures.length.toLocaleString("en")} products of Fashion-MNIST. Their features are by <code>mobilenets extract</code>
    with a MobileNetV1 of 880 kB, which this project's own command has trained. Shown are the first product of each class
    and those of the others that are most similar, with the cosine of their vectors, less the mean of all.
    <span class="key right">same class</span> <span class="key wrong">another class</span></p>
    <table class="score">
      <caption>Right by the vote of ${k} neighbours</caption>
      <tr><th>by features</th><td>${percent(features.accuracy)}</td></tr>
      <tr><th>by pixels</th><td>${percent(pixels.accuracy)}</td></tr>
    </table>
  </div>
  <div class="queries">
    <div class="heads"><span>by features</span><span>by bare pixels</span></div>
    ${classNames.map((_, label) => queryRow(label, content)).join("\n    ")}
  </div>
  <h3>Class by class</h3>
  <p>What the products of each row's class were taken for by their features, and what share was right, by features and by
  pixels.</p>
  ${confusionTable(content)}
</section>`;
}

/** A row of the page with the first product of a class as the query. */
function queryRow(label: number, { pictures, features, pixels, classNames }: FashionContent): string {
  const row = pictures.findIndex((picture) => picture.label === label);
  const query = pictures[row];
  const name = escapeHtml(classNames[query.label]);
  const groups = [features, pixels].map(({ neighbours }) => {
    const figures = neighbours[row].map(({ row: other, similarity }) => {
      const picture = pictures[other];
      const kind = picture.label === query.label ? "right" : "wrong";
      return `<figure class="${kind}">${image(picture, classNames)}<figcaption>${similarity.toFixed(2)}</figcaption></figure>`;
    });
    return `<div class="group">${figures.join("")}</div>`;
  });
  return `<div class="query"><figure>${image(query, classNames)}<figcaption>${name}</figcaption></figure>${groups.join("")}</div>`;
}

function image({ png, label }: DemoPicture, classNames: readonly string[]): string {
  const name = escapeHtml(classNames[label]);
  return `<img src="${dataUrl("image/png", png)}" alt="${name}" title="${name}">`;
}

function confusionTable({ features, pixels, classNames }: FashionContent): string {
  const heads = classNames.map((name) => `<th scope="col"><span>${escapeHtml(name)}</span></th>`).join("");
  const rows = features.confusion.map((counts, label) => {
    const total = counts.reduce((a, b) => a + b, 0);
    const cells = counts.map((count, predicted) => {
      const kind = predicted === label ? "right" : "wrong";
      return `<td class="${kind}" style="--share:${(count / total).toFixed(3)}">${count || ""}</td>`;
    });
    const shares = [counts[label], pixels.confusion[label][label]].map((right) => `<td>${percent(right / total)}</td>`);
    return `<tr><th scope="row">${escapeHtml(classNames[label])}</th>${cells.join("")}${shares.join("")}</tr>`;
  });
  const ends = '<th scope="col">features</th><th scope="col">pixels</th>';
  return `<div class="scroll"><table class="confusion"><tr><td></td>${heads}${ends}</tr>${rows.join("\n")}</table></div>`;
}
