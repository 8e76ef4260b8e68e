import { articleExample, compareConvolutions } from "mobilenets/graph";
import { element } from "../dom.ts";
import { onLanguage, say } from "../language.ts";
import { depthwiseDrawing, percent, pointwiseDrawing, short, standardDrawing } from "./drawing.ts";
import { makeFigure } from "./figure.ts";
import { figureWords } from "./figure-words.ts";
import { makeSlider } from "./slider.ts";

const COUNTS = [1, 2, 3, 4, 5, 6, 8, 16, 32, 64, 128, 256, 512, 1024];
const WINDOWS = [1, 3, 5, 7];
/** Most channels and filters that the figures have space for. */
const DRAWN = { channels: 4, filters: 6 };

/** The article's example, 108 weights against 39, with sliders. */
export function exampleSection(): HTMLElement {
  const channels = makeSlider("channelsIn", COUNTS, articleExample.channels, show);
  const filters = makeSlider("channelsOut", COUNTS, articleExample.filters, show);
  const kernel = makeSlider("window", WINDOWS, articleExample.kernel, show);
  const before = { value: element("b"), sum: element("span"), bar: element("span", { class: "fill" }) };
  const after = { value: element("b"), sum: element("span"), bar: element("span", { class: "fill" }) };
  const figures = [makeFigure("standard"), makeFigure("depthwise"), makeFigure("pointwise")];
  const row = element("div", { class: "figures" }, ...figures.map((figure) => figure.element));
  const tooMany = say(element("p", { class: "faint", hidden: true }), "drawnSmall");

  function show(): void {
    const sizes = { ...articleExample, channels: channels.value(), filters: filters.value(), kernel: kernel.value() };
    // The map must be at least as large as the window.
    const side = Math.max(articleExample.height, sizes.kernel);
    const compared = compareConvolutions({ ...sizes, height: side, width: side });
    const { standard, separable, share } = compared;
    const { channels: n, filters: m, kernel: k } = sizes;
    before.value.textContent = short(standard.weights);
    after.value.textContent = short(separable.weights);
    say(before.sum, "standardWeights", { sum: `${m} × ${k} × ${k} × ${n}` });
    say(after.sum, "separableWeights", { sum: `${n} × ${k} × ${k} + ${m} × ${n}`, share: percent(share) });
    const most = Math.max(standard.weights, separable.weights);
    before.bar.style.transform = `scaleX(${standard.weights / most})`;
    after.bar.style.transform = `scaleX(${separable.weights / most})`;
    const isDrawn = n <= DRAWN.channels && m <= DRAWN.filters;
    row.hidden = !isDrawn;
    tooMany.hidden = isDrawn;
    if (!isDrawn) return;
    for (const [i, draw] of [standardDrawing, depthwiseDrawing, pointwiseDrawing].entries()) {
      figures[i].draw(draw(compared, figureWords()));
    }
  }

  show();
  onLanguage(show);
  const total = (kind: string, { value, sum, bar }: typeof before) =>
    element("div", { class: `total ${kind}` }, value, sum, element("span", { class: "track" }, bar));
  return element(
    "section",
    {},
    say(element("h2"), "whyExample"),
    say(element("p", { class: "prose" }), "whyExampleText"),
    element("div", { class: "sliders" }, channels.element, filters.element, kernel.element),
    element("div", { class: "totals" }, total("old", before), total("new", after)),
    row,
    tooMany,
  );
}
