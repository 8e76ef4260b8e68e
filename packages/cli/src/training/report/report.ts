import type { EpochRecord, Evaluation } from "mobilenets/train";
import { duration } from "../../extract/progress.ts";
import { escapeHtml } from "../../html/escape.ts";
import { page } from "../../html/page.ts";
import { grouped } from "../../table.ts";
import { classScores, confusionOf } from "../class-scores.ts";
import { percent } from "../display.ts";
import { curves, type Series } from "./chart.ts";
import { classSection, confusionSection } from "./classes.ts";
import { style } from "./style.ts";

/** Data of the report about a training run. */
export interface ReportInput {
  readonly title: string;
  /** A line about the network, the data and the training. */
  readonly summary: string;
  readonly classes: readonly string[];
  /** Classes without validation pictures. */
  readonly unvalidated?: readonly string[];
  readonly history: readonly EpochRecord[];
  /** Evaluation of the final model. Undefined without validation pictures. */
  readonly evaluation?: Evaluation;
  readonly mistakes: readonly Mistake[];
  readonly recipe: object;
}

/** A picture with a wrong prediction. */
export interface Mistake {
  readonly path: string;
  /** Data URI of a thumbnail. Undefined if the picture cannot be read. */
  readonly thumbnail?: string;
  readonly label: string;
  readonly predicted: string;
  /** The network's output for the predicted class. */
  readonly confidence: number;
}

/** Makes a self-contained page about a training run. */
export function reportPage(input: ReportInput): string {
  const { title, summary, history, evaluation, classes, mistakes, recipe } = input;
  const matrix = confusionOf(evaluation?.verdicts ?? [], classes.length);
  const sections = [
    numbers(input),
    history.length > 0 ? charts(history) : "",
    ...(evaluation && evaluation.verdicts.length > 0
      ? [classSection(classScores(matrix, classes)), confusionSection(matrix, classes)]
      : []),
    mistakes.length > 0 ? mistakeSection(mistakes) : "",
    `<h2>Recipe</h2>\n<pre>${escapeHtml(JSON.stringify(recipe, null, 2))}</pre>`,
  ];
  return page({ title, summary, style, body: sections.filter((section) => section !== "").join("\n") });
}

function shortList(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(", ")}, ...` : names.join(", ");
}

function numbers({ evaluation, history, classes, unvalidated = [] }: ReportInput): string {
  const seconds = history.reduce((sum, record) => sum + record.seconds, 0);
  const entries: [string, string][] = [
    ...(evaluation
      ? ([
          ...(Number.isNaN(evaluation.accuracy) ? [] : [["validation accuracy", percent(evaluation.accuracy)]]),
          ...(classes.length > 5 && !Number.isNaN(evaluation.top5)
            ? [["among the best five", percent(evaluation.top5)]]
            : []),
          ["validation loss", evaluation.loss.toFixed(3)],
          ["validation pictures", grouped(evaluation.examples)],
        ] as [string, string][])
      : []),
    ["classes", grouped(classes.length)],
    ...(unvalidated.length > 0
      ? ([
          [`without a picture to validate with: ${escapeHtml(shortList(unvalidated))}`, grouped(unvalidated.length)],
        ] as [string, string][])
      : []),
    ["epochs", grouped(history.length)],
    ["time in training", duration(seconds)],
  ];
  return `<dl class="numbers">${entries.map(([name, value]) => `<div><dd>${value}</dd><dt>${name}</dt></div>`).join("")}</dl>`;
}

function charts(history: readonly EpochRecord[]): string {
  const train = (values: number[]): Series => ({ name: "training", color: "var(--train)", values });
  const validation = (pick: (scores: { loss: number; accuracy: number }) => number): Series[] => {
    const values = history.map((record) => (record.validation ? pick(record.validation) : Number.NaN));
    return values.some(Number.isFinite) ? [{ name: "validation", color: "var(--validation)", values }] : [];
  };
  const loss = [train(history.map((record) => record.loss)), ...validation((scores) => scores.loss)];
  const accuracy = [train(history.map((record) => record.accuracy)), ...validation((scores) => scores.accuracy)];
  const rate = [{ name: "", color: "var(--rate)", values: history.map((record) => record.learningRate) }];
  return `<h2>Training</h2>
<div class="charts">
${chart("Loss", loss)}
${accuracy.some(({ values }) => values.some(Number.isFinite)) ? chart("Accuracy", accuracy, { percent: true }) : ""}
${chart("Learning rate", rate)}
</div>`;
}

function chart(title: string, series: readonly Series[], options: { percent?: boolean } = {}): string {
  const legend = series
    .filter(({ name }) => name !== "")
    .map(({ name, color }) => `<span style="--dot: ${color}">${name}</span>`);
  return `<figure><figcaption>${title} ${legend.join("")}</figcaption>${curves(series, options)}</figure>`;
}

function mistakeSection(mistakes: readonly Mistake[]): string {
  const items = mistakes.map(({ path, thumbnail, label, predicted, confidence }) => {
    const image = thumbnail ? `<img src="${thumbnail}" alt="${escapeHtml(path)}">` : "";
    return `<figure title="${escapeHtml(path)}">${image}<p><b>${escapeHtml(predicted)}</b> ${confidence.toFixed(2)}</p><p class="faint">is ${escapeHtml(label)}</p></figure>`;
  });
  return `<h2>Most wrong</h2>
<p class="faint">Pictures to validate with that the network is surest of, and wrong.</p>
<div class="wrong">
${items.join("\n")}
</div>`;
}
