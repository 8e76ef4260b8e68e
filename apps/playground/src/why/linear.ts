import { element } from "../dom.ts";
import { say } from "../language.ts";
import { percent } from "./drawing.ts";
import { makeFigure } from "./figure.ts";
import { makeSlider } from "./slider.ts";
import { spiral, throughRelu } from "./spiral.ts";

const CHANNELS = [2, 3, 5, 10, 15, 20, 30, 60];

/** An interactive figure 1 of Sandler et al. 2018: the effect of ReLU on a curve in few or many channels. */
export function linearSection(): HTMLElement {
  const points = spiral(120);
  const lost = element("p", { class: "faint" });
  const before = makeFigure("before", element("p", { class: "faint" }, "\u00a0"));
  const after = makeFigure("afterwards", lost);
  const slider = makeSlider("channels", CHANNELS, CHANNELS[0], show);

  function show(): void {
    const read = throughRelu(points, slider.value());
    after.draw(curve(read.points));
    say(lost, "lost", { share: percent(read.lost) });
  }

  before.draw(curve(points));
  show();
  return element(
    "section",
    {},
    say(element("h2"), "whyLinear"),
    say(element("p", { class: "prose" }), "linearText"),
    element("div", { class: "sliders" }, slider.element),
    element("div", { class: "figures two" }, before.element, after.element),
  );
}

/** A curve of points from -1 to 1, with matching colours before and after. */
function curve(points: readonly (readonly [number, number])[]): string {
  const dots = points.map(([x, y], i) => {
    const at = (v: number) => (100 + 85 * v).toFixed(1);
    return `<circle cx="${at(x)}" cy="${at(-y)}" r="3" fill="hsl(${(300 * i) / points.length} 65% 50%)"/>`;
  });
  return `<svg class="drawing spiral" viewBox="0 0 200 200" aria-hidden="true">${dots.join("")}</svg>`;
}
