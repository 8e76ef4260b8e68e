import { element } from "../dom.ts";
import { say } from "../language.ts";
import type { Judged, Report } from "../worker/teacher/api.ts";
import { nearRow } from "./near.ts";
import type { Roster } from "./roster.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export interface ReportPanel {
  readonly element: HTMLElement;
  /**
   * @param classes names in output order
   * @param isPass whether a pass has ended: the last report of a lesson repeats that of its last pass
   */
  show(report: Report, classes: readonly string[], isPass: boolean): void;
  /** Called before a lesson: resets the curve. */
  begin(): void;
}

/** The network's accuracy: numbers, a curve over the passes, and the most confused examples. */
export function makeReport(roster: Roster): ReportPanel {
  const heldOut = element("b", {}, "–");
  const aboutHeldOut = element("span", { class: "faint" });
  const learnt = element("b", {}, "–");
  const chart = element("div", { class: "chart" });
  const confused = element("ul", { class: "confused" });
  const body = element(
    "div",
    { hidden: true },
    element(
      "div",
      { class: "numbers" },
      element("div", {}, element("span", { class: "number", "data-number": "held-out" }, heldOut), aboutHeldOut),
      element(
        "div",
        {},
        element("span", { class: "number" }, learnt),
        say(element("span", { class: "faint" }), "rightLearnt"),
      ),
    ),
    say(element("p", { class: "faint" }), "accuracyChart"),
    chart,
    say(element("h3"), "confused"),
    confused,
  );
  let reports: Report[] = [];

  /** Width of the curve in pixels, so that its text has the usual size. */
  const widthOf = () => Math.max(280, Math.min(640, chart.clientWidth));
  let drawnWidth = 0;
  new ResizeObserver(() => {
    if (reports.length > 0 && chart.clientWidth > 0 && widthOf() !== drawnWidth) draw();
  }).observe(chart);

  async function draw(): Promise<void> {
    const shown = reports;
    // A separate library, loaded with the first curve.
    const { accuracyChart } = await import("./chart.ts");
    if (shown !== reports) return;
    drawnWidth = widthOf();
    chart.replaceChildren(accuracyChart(reports, drawnWidth));
  }

  function item(
    { number, label, predicted, ofLabel, ofPredicted, nearest }: Judged,
    classes: readonly string[],
  ): HTMLElement {
    const known = roster.find(number);
    const image = element("img", { src: roster.urlOf(number), alt: known?.sample.name ?? "", class: "large" });
    const words =
      label === predicted
        ? say(element("p"), "nearlyTaken", { label: classes[label] })
        : say(element("p"), "takenFor", { label: classes[label], predicted: classes[predicted] });
    const shares = label === predicted ? percent(ofLabel) : `${percent(ofPredicted)} / ${percent(ofLabel)}`;
    return element(
      "li",
      {},
      image,
      element("div", {}, words, element("p", { class: "value faint" }, shares), nearRow(roster, nearest)),
    );
  }

  return {
    element: body,
    begin() {
      reports = [];
    },
    show(report, classes, isPass) {
      body.hidden = false;
      heldOut.textContent = report.heldOut === null ? "–" : percent(report.heldOut);
      if (report.heldOut === null) say(aboutHeldOut, "nothingHeldOut");
      else say(aboutHeldOut, "rightHeldOut", { count: report.checked });
      learnt.textContent = percent(report.learnt);
      confused.replaceChildren(...report.confused.map((one) => item(one, classes)));
      if (isPass || reports.length === 0) reports.push(report);
      draw();
    },
  };
}
