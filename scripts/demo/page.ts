import type { Evaluation } from "./evaluate.ts";
import { style } from "./page-style.ts";
import type { DemoPicture, PictureSet } from "./pictures.ts";

/** One set of pictures, judged by features and by bare pixels. */
export interface SetResult {
  readonly pictures: readonly DemoPicture[];
  readonly features: Evaluation;
  readonly pixels: Evaluation;
}

export interface PageContent {
  readonly results: Readonly<Record<PictureSet, SetResult>>;
  readonly classNames: readonly string[];
  /** Neighbours that vote. */
  readonly k: number;
  /** The layer the features come from. */
  readonly layer: string;
}

/** The page with everything on it, pictures included: it can be sent and opened anywhere. */
export function neighboursPage(content: PageContent): string {
  const { results, classNames, k, layer } = content;
  const { centred, moved } = results;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nearest neighbours in feature space</title>
<style>${style}</style>
<main>
<header>
  <div>
    <h1>Nearest neighbours</h1>
    <p>${moved.pictures.length} products of Fashion-MNIST. Features: layer <code>${layer}</code> of a MobileNetV2 that
    was trained on other pictures for another task, by <code>mobilenets extract</code>. Nothing was trained here.</p>
  </div>
  <table class="score">
    <caption>Right by the vote of ${k} neighbours</caption>
    <tr><td></td><th>features</th><th>pixels</th></tr>
    ${scoreRow("products centred", centred)}
    ${scoreRow("products moved", moved)}
  </table>
</header>
<section>
  <h2>What is most like this?</h2>
  <p>The first product of each class, moved to a random place on its canvas, and the most similar of the other moved
  ones, with the cosine of their vectors, less the mean of all. <span class="key right">same class</span>
  <span class="key wrong">another class</span></p>
  <div class="queries">
    <div class="heads"><span>by features</span><span>by bare pixels</span></div>
    ${firstOfEach(moved, classNames.length)
      .map((row) => queryRow(row, moved, classNames))
      .join("\n    ")}
  </div>
</section>
<section>
  <h2>Class by class</h2>
  <p>What the moved products of each row's class were taken for by their features, and what share was right, by features
  and by pixels.</p>
  ${confusionTable(moved, classNames)}
</section>
<footer>Pictures: Fashion-MNIST, © Zalando SE, MIT licence. Weights: the npm package nsfwjs, MIT licence.</footer>
</main>
</html>
`;
}

function scoreRow(name: string, { features, pixels }: SetResult): string {
  return `<tr><th>${name}</th><td>${percent(features.accuracy)}</td><td>${percent(pixels.accuracy)}</td></tr>`;
}

function firstOfEach({ pictures }: SetResult, classes: number): number[] {
  return Array.from({ length: classes }, (_, label) => pictures.findIndex((picture) => picture.label === label));
}

function queryRow(row: number, result: SetResult, classNames: readonly string[]): string {
  const query = result.pictures[row];
  const name = escapeHtml(classNames[query.label]);
  const groups = [result.features, result.pixels].map(({ neighbours }) => {
    const figures = neighbours[row].map(({ row: other, similarity }) => {
      const picture = result.pictures[other];
      const kind = picture.label === query.label ? "right" : "wrong";
      return `<figure class="${kind}">${image(picture, classNames)}<figcaption>${similarity.toFixed(2)}</figcaption></figure>`;
    });
    return `<div class="group">${figures.join("")}</div>`;
  });
  return `<div class="query"><figure>${image(query, classNames)}<figcaption>${name}</figcaption></figure>${groups.join("")}</div>`;
}

function image({ png, label }: DemoPicture, classNames: readonly string[]): string {
  const name = escapeHtml(classNames[label]);
  return `<img src="data:image/png;base64,${png.toString("base64")}" alt="${name}" title="${name}">`;
}

function confusionTable({ features, pixels }: SetResult, classNames: readonly string[]): string {
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

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
