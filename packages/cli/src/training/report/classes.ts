import { escapeHtml } from "../../html/escape.ts";
import { grouped } from "../../table.ts";
import { type ClassScore, commonConfusions } from "../class-scores.ts";

/** The report's sections about classes and confusions. */

/** Most classes of a readable matrix. */
const MATRIX_CLASSES = 40;
const PAIRS = 30;

export function classSection(scores: readonly ClassScore[]): string {
  const share = (x: number) => (Number.isNaN(x) ? "–" : x.toFixed(3));
  const rows = scores.map(({ name, count, precision, recall }) => {
    const f1 = (2 * precision * recall) / (precision + recall);
    const cells = [grouped(count), share(precision), share(recall), share(f1)];
    return `<tr><td class="name">${escapeHtml(name)}</td>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<h2>Classes</h2>
<div class="scroll"><table>
<thead><tr><th>class</th><th>pictures</th><th>precision</th><th>recall</th><th>F1</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}

/** The confusion matrix, with cells shaded by their share of the row, or, for many classes, the top confusions. */
export function confusionSection(matrix: readonly (readonly number[])[], names: readonly string[]): string {
  if (names.length > MATRIX_CLASSES) return pairs(matrix, names);
  const rows = matrix.map((row, label) => {
    const total = Math.max(
      1,
      row.reduce((sum, n) => sum + n, 0),
    );
    const cells = row.map((n, predicted) => {
      const kind = [...(predicted === label ? ["right"] : []), ...(n === 0 ? ["none"] : [])].join(" ");
      return `<td class="${kind}" style="--share: ${((0.85 * n) / total).toFixed(3)}">${n}</td>`;
    });
    return `<tr><th>${escapeHtml(names[label])}</th>${cells.join("")}</tr>`;
  });
  const head = names.map((name) => `<th>${escapeHtml(name)}</th>`).join("");
  return `<h2>Confusion</h2>
<p class="faint">A row per class, a column per answer.</p>
<div class="scroll"><table class="confusion">
<thead><tr><th></th>${head}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}

function pairs(matrix: readonly (readonly number[])[], names: readonly string[]): string {
  const rows = commonConfusions(matrix, names, PAIRS).map(
    ({ label, predicted, count }) =>
      `<tr><td class="name">${escapeHtml(label)}</td><td class="name">${escapeHtml(predicted)}</td><td>${count}</td></tr>`,
  );
  return `<h2>Confusion</h2>
<p class="faint">The commonest; with ${names.length} classes a matrix could not be read.</p>
<div class="scroll"><table>
<thead><tr><th>class</th><th>taken for</th><th>pictures</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}
