import { type NetworkName, networkNames } from "mobilenets";
import { type Block, buildGraph, type Explanation, explain } from "mobilenets/graph";
import { element } from "../dom.ts";
import { onLanguage, say, sayLabel } from "../language.ts";
import { blockDrawing, bottleneckOf, gateDrawing, percent, resnetBottleneckIn, short } from "./drawing.ts";
import { makeFigure } from "./figure.ts";
import { figureWords } from "./figure-words.ts";
import { makeSlider } from "./slider.ts";

const FIRST: NetworkName = "mobilenet_v3_small";

/** Sections on a chosen network with its real sizes: pairs, inverted residuals and squeeze-and-excite. */
export function networkSections(first: NetworkName = FIRST): {
  readonly sizes: HTMLElement;
  readonly block: HTMLElement;
  readonly gate: HTMLElement;
} {
  const choice = element(
    "select",
    { onchange: () => show() },
    ...networkNames.map((name) => element("option", { value: name, selected: name === first }, name)),
  );
  const text = element("p", { class: "prose" });
  const pairs = sayLabel(element("ol", { class: "pairs" }), "pairBars");
  const ownWeights = element("p", { class: "faint" });
  const blockName = element("span");
  const own = makeFigure(blockName, ownWeights);
  const resnetName = element("span");
  const resnet = makeFigure(
    resnetName,
    say(element("p", { class: "faint" }), "kernelWeights", {
      weights: short(resnetBottleneckIn(figureWords()).weights),
    }),
  );
  const blockText = say(element("p", { class: "prose" }), "blockText");
  const plain = element("p", { class: "prose" });
  const gateText = element("p", { class: "prose" });
  const gateFigure = makeFigure("whyGate");
  let blocks: readonly Block[] = [];
  let current: Explanation | undefined;
  const slider = makeSlider<number>("block", [1], 1, showBlock);

  function show(): void {
    const name = choice.value as NetworkName;
    current = explain(buildGraph(name));
    const { separable, standard } = current.savings.network;
    say(text, "networkText", {
      name,
      pairs: current.savings.pairs.length,
      standard: short(standard.macs),
      separable: short(separable.macs),
      times: (standard.macs / separable.macs).toFixed(1),
      standardWeights: short(standard.weights),
      separableWeights: short(separable.weights),
    });
    pairs.replaceChildren(...pairRows(current));
    blocks = current.blocks;
    say(plain, "plainBlocks", { name });
    plain.hidden = blocks.some(({ kind }) => kind === "inverted_residual");
    // The first block with all parts, if there is one.
    const whole = blocks.findIndex(({ expand, residual }) => expand !== null && residual);
    slider.offer(
      blocks.map((_, i) => i + 1),
      Math.max(1, whole + 1),
    );
    showBlock();
    showGate(name, current);
  }

  function showResnet(): void {
    const block = resnetBottleneckIn(figureWords());
    resnetName.textContent = block.title;
    resnet.draw(blockDrawing(block));
  }

  function showBlock(): void {
    const bottleneck = bottleneckOf(blocks[slider.value() - 1], figureWords());
    blockName.textContent = bottleneck.title;
    own.draw(blockDrawing(bottleneck));
    say(ownWeights, "kernelWeights", { weights: short(bottleneck.weights) });
  }

  function showGate(name: string, { blocks: all, squeezeAndExcite, totals }: Explanation): void {
    const gated = all.find(({ squeeze }) => squeeze !== null)?.squeeze;
    gateFigure.element.hidden = !gated;
    if (!gated) return void say(gateText, "noGate", { name });
    const params = percent(squeezeAndExcite.params / totals.params);
    say(gateText, "gateText", { name, params, macs: percent(squeezeAndExcite.macs / totals.macs) });
    gateFigure.draw(gateDrawing(gated, figureWords()));
  }

  showResnet();
  show();
  onLanguage(() => {
    showResnet();
    showBlock();
    if (current) showGate(choice.value, current);
  });
  return {
    sizes: element(
      "section",
      {},
      say(element("h2"), "whyNetwork"),
      element("label", { class: "choice" }, say(element("span"), "network"), choice),
      text,
      say(element("p", { class: "faint" }), "pairBars"),
      pairs,
    ),
    block: element(
      "section",
      {},
      say(element("h2"), "whyBlock"),
      blockText,
      plain,
      element("div", { class: "sliders" }, slider.element),
      element("div", { class: "figures two" }, resnet.element, own.element),
    ),
    gate: element(
      "section",
      {},
      say(element("h2"), "whyGate"),
      gateText,
      element("div", { class: "figures two" }, gateFigure.element),
    ),
  };
}

/** The cost of each pair and of the standard convolution, drawn to one scale. */
function pairRows({ savings, blocks }: Explanation): HTMLElement[] {
  const most = Math.max(...savings.pairs.map(({ standard }) => standard.macs));
  return savings.pairs.map(({ separable, standard }, i) => {
    const bar = (kind: string, macs: number) => {
      const made = element("span", { class: `fill ${kind}` });
      made.style.transform = `scaleX(${macs / most})`;
      return made;
    };
    const track = element("span", { class: "track" }, bar("old", standard.macs), bar("new", separable.macs));
    const numbers = element("span", { class: "value" }, `${short(separable.macs)} / ${short(standard.macs)}`);
    return element("li", {}, element("span", { class: "label" }, blocks[i].name), track, numbers);
  });
}
