import { type Curve, curveSets } from "../../../packages/cli/src/explain/page/curves.ts";
import { drawing, label, path, short } from "../../../packages/cli/src/explain/page/svg.ts";
import { element } from "../../playground/src/dom.ts";
import type { Language } from "../../playground/src/language.ts";
import { makeFigure } from "../../playground/src/why/figure.ts";

const texts = {
  en: { swish: "ReLU6, swish and h-swish", sigmoid: "sigmoid and hard sigmoid", at: "at x =" },
  zh: { swish: "ReLU6、swish 与 h-swish", sigmoid: "sigmoid 与硬 sigmoid", at: "x =" },
} as const;

const WIDTH = 340;
const HEIGHT = 220;
const EDGE = 26;
/** Of x, in both directions; the slider has tenths. */
const RANGE = 8;

/** The nonlinear functions of MobileNetV3 beside those that they stand for, with what they give at a point of one's choice. */
export function functionsSection(language: Language): HTMLElement {
  const words = texts[language];
  const swish = makeFigure(element("span", {}, words.swish), element("p", { class: "faint values" }));
  const sigmoid = makeFigure(element("span", {}, words.sigmoid), element("p", { class: "faint values" }));
  const output = element("output");
  const slider = element("input", {
    type: "range",
    min: String(-10 * RANGE),
    max: String(10 * RANGE),
    value: "-15",
    "data-slider": "x",
    oninput: show,
  });

  function show(): void {
    const x = Number(slider.value) / 10;
    output.textContent = x.toFixed(1);
    slider.setAttribute("aria-valuetext", output.textContent);
    const figures = [
      [swish, words.swish, curveSets.hard_swish, [-1, 7]],
      [sigmoid, words.sigmoid, curveSets.hard_sigmoid, [-0.1, 1.1]],
    ] as const;
    for (const [figure, title, curves, range] of figures) {
      figure.draw(graph(title, curves, range, x));
      const values = curves.map(({ name, f }) => `${name} ${f(x).toFixed(3)}`);
      figure.element.querySelector(".values")!.textContent = values.join(" · ");
    }
  }

  show();
  return element(
    "section",
    {},
    element(
      "div",
      { class: "sliders" },
      element("label", { class: "slider" }, element("span", {}, words.at), slider, output),
    ),
    element("div", { class: "figures two" }, swish.element, sigmoid.element),
  );
}

function graph(title: string, curves: readonly Curve[], [low, high]: readonly [number, number], at: number): string {
  const across = (x: number) => EDGE + ((x + RANGE) / (2 * RANGE)) * (WIDTH - 2 * EDGE);
  const up = (y: number) => HEIGHT - EDGE - ((y - low) / (high - low)) * (HEIGHT - 1.5 * EDGE);
  const point = (x: number, y: number) => `${short(across(x))} ${short(up(y))}`;
  const xs = Array.from({ length: 20 * RANGE + 1 }, (_, i) => i / 10 - RANGE);
  const lines = curves.flatMap(({ name, color, dashed, at: [x, y], f }) => {
    const inside = xs.filter((one) => f(one) <= high);
    const d = inside.map((one, i) => `${i === 0 ? "M" : "L"}${point(one, f(one))}`).join("");
    const dash = dashed ? ` stroke-dasharray="5 4"` : "";
    return [
      `<path d="${d}" fill="none" stroke="${color}" stroke-width="2.5"${dash}/>`,
      `<text x="${short(across(x))}" y="${short(up(y))}" text-anchor="middle" style="fill: ${color}; font-weight: 600">${name}</text>`,
    ];
  });
  const dots = curves
    .filter(({ f }) => f(at) <= high)
    .map(({ color, f }) => `<circle cx="${short(across(at))}" cy="${short(up(f(at)))}" r="4" fill="${color}"/>`);
  const ticks = [-8, -4, 4, 8].map((x) => label(across(x), HEIGHT - 1, String(x), { className: "faint" }));
  const top = Math.floor(high);
  return drawing(WIDTH, HEIGHT, title, [
    path(`M${point(-RANGE, 0)}H${short(across(RANGE))}M${point(0, low)}V${short(up(high))}`, "arrow"),
    ...ticks,
    label(across(0) - 8, up(top) + 4, String(top), { anchor: "end", className: "faint" }),
    path(`M${point(at, low)}V${short(up(high))}`, "marker"),
    ...lines,
    ...dots,
  ]);
}
