import * as Plot from "@observablehq/plot";
import { text } from "../language.ts";
import type { Report } from "../worker/teacher/api.ts";

/** Accuracy after each pass, on the training and the held-out examples. */
export function accuracyChart(reports: readonly Report[], width: number): Element {
  const line = (name: string, values: readonly (number | null)[]) =>
    values.flatMap((value, i) => (value === null ? [] : [{ pass: i + 1, share: 100 * value, name }]));
  const learnt = line(
    text("chartLearnt"),
    reports.map((report) => report.learnt),
  );
  const heldOut = line(
    text("chartHeldOut"),
    reports.map((report) => report.heldOut),
  );
  const chart = Plot.plot({
    width,
    height: 190,
    marginLeft: 52,
    marginRight: 74,
    style: { fontSize: "12px", background: "none" },
    x: { label: null, domain: [1, Math.max(2, reports.length)], ticks: 5, tickFormat: "d" },
    y: { label: null, domain: [0, 100], grid: true, ticks: 4, tickFormat: (n: number) => `${n} %` },
    marks: [
      Plot.lineY(learnt, { x: "pass", y: "share", stroke: "var(--faint)", strokeWidth: 2, strokeDasharray: "4 3" }),
      Plot.lineY(heldOut, { x: "pass", y: "share", stroke: "var(--accent)", strokeWidth: 2.5 }),
      ...labels([learnt.at(-1), heldOut.at(-1)]),
    ],
  });
  // The chart is one picture for a screen reader, without names of its parts.
  for (const part of chart.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", text("accuracyChart"));
  return chart;
}

interface Point {
  readonly pass: number;
  readonly share: number;
  readonly name: string;
}

/** Names at the ends of lines, moved apart if the lines end together. */
function labels(ends: readonly (Point | undefined)[]) {
  const [a, b] = ends;
  const near = a && b && Math.abs(a.share - b.share) < 12;
  return ends.map((end, i) => {
    const dy = near ? ((i === 0) === a.share <= b.share ? 8 : -8) : 0;
    const fill = i === 0 ? "var(--faint)" : "var(--accent)";
    return Plot.text(end ? [end] : [], { x: "pass", y: "share", text: "name", textAnchor: "start", dx: 6, dy, fill });
  });
}
