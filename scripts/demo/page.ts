import type { Evaluation } from "./evaluate.ts";
import { style } from "./page-style.ts";
import type { DemoPicture } from "./pictures.ts";

export interface PageContent {
  readonly pictures: readonly DemoPicture[];
  readonly features: Evaluation;
  readonly pixels: Evaluation;
  readonly classNames: readonly string[];
  /** Neighbours that vote. */
  readonly k: number;
}

/** The page with everything on it, pictures included: it can be sent and opened anywhere. */
export function neighboursPage(content: PageContent): string {
  const { pictures, features, pixels, classNames, k } = content;
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
    <p>${pictures.length.toLocaleString("en")} products of Fashion-MNIST that the network has never seen. Features: by
    <code>mobilenets extract</code>, with the small MobileNet that comes with the package.</p>
  </div>
  <table class="score">
    <caption>Right by the vote of ${k} neighbours</caption>
    <tr><th>by features</th><td>${percent(features.accuracy)}</td></tr>
    <tr><th>by pixels</th><td>${percent(pixels.accuracy)}</td></tr>
  </table>
</header>
<section>
  <h2>What is most like this?</h2>
  <p>The first product of each class and the most similar of the others, with the cosine of their vectors, less the mean
  of all. <span class="key right">same class</span> <span class="key wrong">another class</span></p>
  <div class="queries">
    <div class="heads"><span>by features</span><span>by bare pixels</span></div>
    ${classNames.map((_, label) => queryRow(label, content)).join("\n    ")}
  </div>
</section>
<section>
  <h2>Class by class</h2>
  <p>What the products of each row's class were taken for by their features, and what share was right, by features and by
  pixels.</p>
  ${confusionTable(content)}
</section>
<footer>Pictures: Fashion-MNIST, © Zalando SE, MIT licence.</footer>
</main>
</html>
`;
}

/** The first product of a class, as a query. */
function queryRow(label: number, { pictures, features, pixels, classNames }: PageContent): string {
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
  return `<img src="data:image/png;base64,${png.toString("base64")}" alt="${name}" title="${name}">`;
}

function confusionTable({ features, pixels, classNames }: PageContent): string {
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
