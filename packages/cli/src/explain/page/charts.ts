import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { ComparedNetwork, ExplainedNetwork } from "../lesson.ts";
import { type bytes, percent, type short } from "../units.ts";
import type { Curve } from "./curves.ts";

/** Charts of the page: bars and curves. */

const WIDTH = 340;
const ROW = 24;
/** Width of a letter in an axis label, in pixels. */
const LETTER = 7.7;
/** Width of an axis, in lengths of the longest bar. The rest is for the text after it. */
const AFTER = 1.24;

function plot(label: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><body></body>");
  const chart = Plot.plot({ document, width: WIDTH, style: { fontSize: "12px" }, ...options });
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", label);
  return chart.outerHTML;
}

const longest = (names: readonly string[]) => Math.max(...names.map((name) => name.length));

/** A chart of horizontal bars, a line per name. */
function bars(label: string, names: readonly string[], most: number, marks: Plot.Markish[]): string {
  return plot(label, {
    height: ROW * names.length + 8,
    marginLeft: 12 + LETTER * longest(names),
    marginRight: 4,
    marginTop: 2,
    marginBottom: 6,
    x: { axis: null, domain: [0, AFTER * most] },
    y: { label: null, domain: [...names], tickSize: 0, padding: 0.22 },
    marks,
  });
}

/** Bars of each pair's cost, in front of a pale bar of the standard convolution's, with the ratio of both. */
export function pairBars({ blocks, savings }: ExplainedNetwork, cost: "weights" | "macs"): string {
  const rows = savings.pairs.map(({ separable, standard }, i) => ({
    name: blocks[i].name,
    separable: separable[cost],
    standard: standard[cost],
    factor: `${(standard[cost] / separable[cost]).toFixed(1)} x`,
  }));
  const most = Math.max(...rows.map(({ standard }) => standard));
  return bars(
    `${cost} of each pair, separable and standard`,
    rows.map(({ name }) => name),
    most,
    [
      Plot.barX(rows, { y: "name", x: "standard", fill: "var(--before)" }),
      Plot.barX(rows, { y: "name", x: "separable", fill: "var(--after)", insetTop: 3, insetBottom: 3 }),
      Plot.text(rows, { y: "name", x: "standard", text: "factor", textAnchor: "start", dx: 5, fill: "currentColor" }),
    ],
  );
}

/** Bars of shares, each with its percentage. */
export function shareBars(label: string, shares: readonly (readonly [name: string, share: number])[]): string {
  const rows = shares.map(([name, share]) => ({ name, share, text: percent(share) }));
  const names = rows.map(({ name }) => name);
  return bars(label, names, 1, [
    Plot.barX(rows, { y: "name", x1: 0, x2: 1, fill: "var(--before)" }),
    Plot.barX(rows, { y: "name", x: "share", fill: "var(--c2)" }),
    Plot.text(rows, { y: "name", x: 1, text: "text", textAnchor: "start", dx: 5, fill: "currentColor" }),
  ]);
}

/** Stacked bars of all networks. The requested network stands out. */
export function networkBars(
  label: string,
  networks: readonly ComparedNetwork[],
  asked: string | undefined,
  parts: readonly { readonly color: string; readonly value: (one: ComparedNetwork) => number }[],
  unit: typeof short | typeof bytes,
): string {
  const totals = networks.map((one) => ({ one, total: parts.reduce((sum, { value }) => sum + value(one), 0) }));
  let starts = networks.map(() => 0);
  const stacked = parts.map(({ color, value }) => {
    const rows = networks.map((one, i) => ({ name: one.network, from: starts[i], to: starts[i] + value(one) }));
    starts = rows.map(({ to }) => to);
    return Plot.barX(rows, {
      y: "name",
      x1: "from",
      x2: "to",
      fill: color,
      fillOpacity: ({ name }: { name: string }) => (asked === undefined || name === asked ? 1 : 0.55),
    });
  });
  const text = totals.map(({ one, total }) => ({ name: one.network, total, text: unit(total) }));
  return bars(
    label,
    networks.map(({ network }) => network),
    Math.max(...totals.map(({ total }) => total)) * 1.1,
    [
      ...stacked,
      Plot.text(text, { y: "name", x: "total", text: "text", textAnchor: "start", dx: 5, fill: "currentColor" }),
    ],
  );
}

/** Curves of functions from -8 to 8, computed with the library's own definitions. */
export function functionCurves(label: string, curves: readonly Curve[], range: readonly [number, number]): string {
  const xs = Array.from({ length: 321 }, (_, i) => (i - 160) / 20);
  return plot(label, {
    height: 230,
    marginLeft: 34,
    x: { label: null, domain: [-8, 8], ticks: 8, grid: true },
    y: { label: null, domain: [...range], ticks: 6, grid: true, clamp: false },
    marks: [
      Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
      Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.4 }),
      ...curves.flatMap(({ name, color, dashed, at: [x, y], f }) => [
        Plot.lineY(
          xs.map((x) => ({ x, y: f(x) })).filter((point) => point.y <= range[1]),
          { x: "x", y: "y", stroke: color, strokeWidth: 2.5, strokeDasharray: dashed ? "5 4" : undefined },
        ),
        Plot.text([{ x, y, name }], { x: "x", y: "y", text: "name", fill: color, fontWeight: 600 }),
      ]),
    ],
  });
}
