import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHTML } from "linkedom";
import type { EpochRecord, Verdict } from "mobilenets/train";
import { type ReportInput, reportPage } from "./report.ts";

const history = [0, 1, 2].map(
  (epoch): EpochRecord => ({
    epoch,
    step: 10 * epoch + 10,
    loss: 2 / (epoch + 1),
    accuracy: 0.5 + epoch / 10,
    learningRate: 0.1,
    seconds: 30,
    validation: { examples: 4, loss: 1.5, accuracy: 0.75, top5: 1 },
  }),
);
const verdict = (label: number, predicted: number): Verdict => ({
  index: 0,
  label,
  predicted,
  ofLabel: 0,
  ofPredicted: 1,
  rank: 0,
});
const input: ReportInput = {
  title: "a <b> & c",
  summary: "scratch",
  classes: ["cat", "<dog>"],
  history,
  evaluation: {
    examples: 4,
    loss: 1.25,
    accuracy: 0.75,
    top5: 1,
    verdicts: [verdict(0, 0), verdict(0, 1), verdict(0, 0), verdict(1, 1)],
  },
  mistakes: [
    { path: 'x"1.png', thumbnail: "data:image/webp;base64,AA", label: "cat", predicted: "<dog>", confidence: 0.9 },
  ],
  recipe: { lr: 0.1 },
};
const page = (changes: Partial<ReportInput> = {}) => {
  const html = reportPage({ ...input, ...changes });
  return { html, document: parseHTML(html).document };
};
const cells = (document: Document, selector: string) =>
  [...document.querySelectorAll(selector)].map((cell) => cell.textContent);

test("it shows numbers, curves, classes, confusions and mistakes", () => {
  const { document } = page();
  assert.equal(document.querySelector("h1")?.textContent, "a <b> & c");
  assert.deepEqual(cells(document, ".numbers dd"), ["75.0%", "1.250", "4", "2", "3", "1m 30s"]);
  const charts = [...document.querySelectorAll(".charts figure")];
  assert.deepEqual(
    charts.map((chart) => [
      chart.querySelectorAll("svg").length,
      chart.querySelectorAll("path[stroke-width], g[stroke-width] path").length,
    ]),
    [
      [1, 2],
      [1, 2],
      [1, 1],
    ],
  );
  assert.deepEqual(cells(document, "table:not(.confusion) td"), [
    "cat",
    "3",
    "1.000",
    "0.667",
    "0.800",
    "<dog>",
    "1",
    "0.500",
    "1.000",
    "0.667",
  ]);
  assert.deepEqual(cells(document, ".confusion td"), ["2", "1", "0", "1"]);
  assert.deepEqual(cells(document, ".wrong p"), ["<dog> 0.90", "is cat"]);
});

test("it needs nothing beside itself, and names cannot break out of it", () => {
  const { html, document } = page();
  assert.doesNotMatch(html, /<script|<link|@import|url\(|src="(?!data:)/);
  assert.equal(document.querySelector(".wrong img")?.getAttribute("alt"), 'x"1.png');
  assert.doesNotMatch(html, /<dog>|a <b>/);
});

test("classes that an accuracy says nothing of are named beside it", () => {
  const found = cells(page({ unvalidated: ["<dog>"] }).document, ".numbers dt");
  assert.ok(found.includes("without a picture to validate with: <dog>"), found.join());
  assert.ok(!cells(page().document, ".numbers dt").some((name) => name.startsWith("without")));
});

test("many classes: the commonest confusions instead of a matrix nobody could read", () => {
  const classes = Array.from({ length: 50 }, (_, i) => `class ${i}`);
  const { document } = page({ classes });
  assert.equal(document.querySelector(".confusion"), null);
  assert.deepEqual(cells(document, "table:last-of-type td").slice(-3), ["class 0", "class 1", "1"]);
});

test("without validation, and for several labels, what there is", () => {
  const bare = history.map(({ validation, ...record }) => ({ ...record, accuracy: Number.NaN }));
  const { document } = page({ history: bare, evaluation: undefined, mistakes: [] });
  assert.deepEqual(cells(document, "h2"), ["Training", "Recipe"]);
  assert.equal(document.querySelectorAll(".charts figure").length, 2, "no accuracy");
  const { document: several } = page({
    evaluation: { ...input.evaluation!, top5: Number.NaN, verdicts: [] },
    mistakes: [],
  });
  assert.deepEqual(cells(several, "h2"), ["Training", "Recipe"]);
});
