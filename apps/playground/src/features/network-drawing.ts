import { sayLabel, text } from "../language.ts";
import type { MapLayer } from "../worker/looker/api.ts";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 210;
/** Space above for arcs, and for the tallest bar. */
const TOP = 56;
const TALLEST = 130;
const LEAST = 10;
const GAP = 3;

export interface NetworkDrawing {
  readonly element: SVGSVGElement;
  choose(index: number): void;
}

function shape<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** The network from left to right, with a bar per layer; for keyboards and screen readers it is a list of options. */
export function drawNetwork(layers: readonly MapLayer[], onChoose: (index: number) => void): NetworkDrawing {
  const side = (layer: MapLayer) => Math.sqrt(layer.height * layer.width);
  const widest = Math.max(...layers.map(side));
  let x = 8;
  const bars = layers.map((layer, i) => {
    const width = 2 + 1.3 * Math.log2(layer.channels);
    const height = LEAST + (TALLEST - LEAST) * Math.sqrt(side(layer) / widest);
    // A gap separates blocks.
    if (i > 0 && layers[i - 1].block !== layer.block) x += GAP * 1.5;
    const bar = { x, width, height, middle: x + width / 2 };
    x += width + GAP;
    return bar;
  });
  const svg = shape("svg", {
    class: "network",
    width: x + 4,
    height: HEIGHT,
    viewBox: `0 0 ${x + 4} ${HEIGHT}`,
    role: "listbox",
  });
  sayLabel(svg, "layers");
  svg.setAttribute("aria-orientation", "horizontal");
  const centre = TOP + TALLEST / 2;
  for (const [i, { shortcut }] of layers.entries()) {
    if (shortcut === null) continue;
    const [from, to] = [bars[i - shortcut], bars[i]];
    const [y1, y2] = [centre - from.height / 2 - 3, centre - to.height / 2 - 3];
    const high = Math.min(y1, y2, centre - Math.max(...bars.slice(i - shortcut, i + 1).map((b) => b.height)) / 2) - 22;
    const d = `M${from.middle} ${y1}C${from.middle} ${high} ${to.middle} ${high} ${to.middle} ${y2}`;
    svg.append(shape("path", { d, class: "shortcut", "aria-hidden": "true" }));
  }
  const options = layers.map((layer, i) => {
    const { x: left, width, height } = bars[i];
    const option = shape("g", { role: "option", tabindex: -1, class: `layer-bar ${layer.kind}` });
    // A tall touch target, whatever the bar's height.
    option.append(
      shape("rect", { x: left - GAP / 2, y: TOP, width: width + GAP, height: TALLEST, class: "target" }),
      shape("rect", { x: left, y: centre - height / 2, width, height, rx: 2, class: "face" }),
    );
    const { name, channels } = layer;
    const values = { name, kind: text(`kind.${layer.kind}`), height: layer.height, width: layer.width, channels };
    sayLabel(option, "layerLabel", values);
    const title = shape("title", {});
    title.textContent = text("layerLabel", values);
    option.append(title);
    option.addEventListener("click", () => onChoose(i));
    svg.append(option);
    return option;
  });
  let chosen = -1;

  function choose(index: number): void {
    chosen = index;
    for (const [i, option] of options.entries()) {
      option.setAttribute("aria-selected", String(i === index));
      option.setAttribute("tabindex", i === index ? "0" : "-1");
    }
  }

  svg.addEventListener("keydown", (event) => {
    const last = layers.length - 1;
    const moves: Record<string, number> = {
      ArrowRight: Math.min(last, chosen + 1),
      ArrowLeft: Math.max(0, chosen - 1),
      Home: 0,
      End: last,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next);
    options[next].focus();
    options[next].scrollIntoView({ block: "nearest", inline: "center" });
  });
  return { element: svg, choose };
}
