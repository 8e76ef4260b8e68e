import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** A curve of a chart. */
export interface Series {
  readonly name: string;
  /** A colour of the page's style: `var(--train)`. */
  readonly color: string;
  /** One per epoch, from epoch 1. NaN for a missing value. */
  readonly values: readonly number[];
}

/** Draws curves over epochs, as an SVG in the page's colours. */
export function curves(series: readonly Series[], options: { readonly percent?: boolean } = {}): string {
  const { document } = parseHTML("<!doctype html><body></body>");
  const points = ({ values }: Series) =>
    values.map((y, i) => ({ epoch: i + 1, y })).filter(({ y }) => Number.isFinite(y));
  const epochs = Math.max(...series.map(({ values }) => values.length));
  const svg = Plot.plot({
    document,
    width: 340,
    height: 210,
    marginLeft: 44,
    x: { label: null, domain: [1, Math.max(2, epochs)], ticks: wholeTicks(epochs), tickFormat: "d" },
    y: {
      label: null,
      grid: true,
      nice: true,
      ticks: 5,
      ...(options.percent && { percent: true, tickFormat: (y: number) => `${y}%` }),
    },
    marks: series.flatMap((one) => [
      Plot.lineY(points(one), { x: "epoch", y: "y", stroke: one.color, strokeWidth: 2 }),
      // A single point makes no line, so few points are marked.
      ...(points(one).length <= 30 ? [Plot.dot(points(one), { x: "epoch", y: "y", fill: one.color, r: 2.5 })] : []),
    ]),
  });
  return svg.outerHTML;
}

/** About six whole numbers, from 1. */
function wholeTicks(epochs: number): number[] {
  const step = Math.max(1, Math.round(epochs / 6));
  return Array.from({ length: Math.floor((epochs - 1) / step) + 1 }, (_, i) => 1 + i * step);
}
