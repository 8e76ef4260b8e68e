import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHTML } from "linkedom";
import { networkNames } from "mobilenets";
import { type Lesson, lessonOf, wholeLesson } from "../lesson.ts";
import { lessonPage } from "./page.ts";

const open = (lesson: Lesson) => {
  const html = lessonPage(lesson);
  return { html, document: parseHTML(html).document };
};
const texts = (root: ParentNode, selector: string) =>
  [...root.querySelectorAll(selector)].map((element) => element.textContent?.replaceAll("\u00a0", " "));

/** The figure with this caption. */
function figure(document: Document, caption: string): Element {
  const found = [...document.querySelectorAll("figure")].find((one) =>
    one.querySelector("figcaption")?.textContent?.startsWith(caption),
  );
  assert.ok(found, `no figure "${caption}"`);
  return found;
}

const widths = (root: ParentNode, selector: string) =>
  [...root.querySelectorAll(selector)].map((rect) => Number(rect.getAttribute("width")));

const whole = open(wholeLesson({}));

test("the lesson begins with 108 and 39, and has all chapters", () => {
  const { document } = whole;
  assert.deepEqual(texts(document, ".total b"), ["108", "39"]);
  assert.deepEqual(texts(document, ".total span"), [
    "4 x 3 x 3 x 3",
    "weights, standard convolution",
    "3 x 3 x 3 + 1 x 1 x 3 x 4",
    "weights, depthwise-separable: 36.1 %",
  ]);
  assert.deepEqual(texts(document, "h2"), [
    "Why 108 becomes 39",
    "The pairs of mobilenet_v1",
    "The blocks of mobilenet_v2",
    "Squeeze-and-excite in mobilenet_v3_small",
    "Nonlinear functions of mobilenet_v3_small",
    "Side by side",
  ]);
  const [example] = document.querySelectorAll("table");
  assert.deepEqual(texts(example, "tr.all td"), ["depthwise + pointwise", "", "", "39", "975", "325"]);
});

test("the example's drawings have as many planes and cells as the convolutions have", () => {
  const planes = (caption: string) =>
    [...figure(whole.document, caption).querySelectorAll(".plane")].map((plane) => {
      const face = plane.querySelector("rect")!;
      return `${Number(face.getAttribute("width")) / 10}x${Number(face.getAttribute("height")) / 10}`;
    });
  const times = (count: number, size: string) => Array(count).fill(size);
  // The input has three channels. Each of four kernels has three planes and an output.
  const standard = [...times(3, "5x5"), ...times(4, "").flatMap(() => [...times(3, "3x3"), "5x5"])];
  assert.deepEqual(planes("Standard"), standard);
  assert.deepEqual(
    planes("Step 1"),
    times(3, "").flatMap(() => ["5x5", "3x3", "5x5"]),
  );
  assert.deepEqual(
    planes("Step 2"),
    standard.map((size) => (size === "3x3" ? "1x1" : size)),
  );
  assert.deepEqual(
    ["Standard", "Step 1", "Step 2"].map((caption) => texts(figure(whole.document, caption), "p b")),
    [["108 weights"], ["27 weights"], ["12 weights"]],
  );
});

test("the bars of each pair are as long as its costs", () => {
  const { pairs } = wholeLesson({}).chapters;
  for (const [caption, cost] of [
    ["Weights of each pair", "weights"],
    ["Multiply-adds of each pair", "macs"],
  ] as const) {
    const chart = figure(whole.document, caption);
    const bars = widths(chart, "rect");
    assert.equal(bars.length, 2 * 13);
    const scale = Math.max(...bars) / Math.max(...pairs.savings.pairs.map(({ standard }) => standard[cost]));
    pairs.savings.pairs.forEach(({ standard, separable }, i) => {
      assert.ok(Math.abs(bars[i] - scale * standard[cost]) < 0.01);
      assert.ok(Math.abs(bars[13 + i] - scale * separable[cost]) < 0.01);
    });
    assert.ok(texts(chart, "svg text").includes("8.9 x"));
  }
});

test("blocks are drawn to the scale of their channels", () => {
  for (const network of networkNames) {
    const lesson = lessonOf(network, {});
    const { document } = open(lesson);
    const { blocks } = lesson.chapters.blocks;
    const cards = [...document.querySelectorAll(".blocks figure")];
    assert.equal(cards.length, blocks.length);
    const most = Math.max(...blocks.flatMap(({ channels }) => Object.values(channels)));
    cards.forEach((card, i) => {
      const { channels, squeeze, residual, outputActivation } = blocks[i];
      const expected = [channels.expanded, ...(squeeze ? [squeeze.squeezed] : []), channels.input, channels.output].map(
        (n) => Math.max(2, (128 * n) / most),
      );
      widths(card, "rect").forEach((width, k) => {
        assert.ok(Math.abs(width - expected[k]) < 0.06, `${network} ${blocks[i].name}: ${width}, not ${expected[k]}`);
      });
      assert.equal(card.querySelectorAll(".shortcut").length, residual ? 1 : 0);
      assert.equal(card.querySelectorAll(".linear").length, outputActivation === "linear" ? 1 : 0);
    });
  }
});

test("a network's page has its chapters only, and marks its row", () => {
  const { document } = open(lessonOf("mobilenet_v1", { alpha: 0.5, inputShape: [160, 160, 3] }));
  assert.deepEqual(texts(document, "h2"), [
    "Why 108 becomes 39",
    "The pairs of mobilenet_v1",
    "The blocks of mobilenet_v1",
    "Nonlinear functions of mobilenet_v1",
    "Side by side",
  ]);
  assert.equal(texts(document, "main > p")[0], "flavor keras, input 160 x 160 x 3");
  assert.deepEqual(texts(document, "tr.asked td").slice(0, 4), ["mobilenet_v1", "keras", "160x160x3", "1,342,536"]);
});

test("what squeeze-and-excite costs: shares of a block and of the network", () => {
  const shares = texts(figure(whole.document, "What it costs"), "svg text").filter((text) => /%/.test(text ?? ""));
  // The shares are 31,024 of the 58,320 parameters of expanded_conv_4, and 461,640 of the network's 2,554,968.
  assert.deepEqual(
    [shares[0], shares[3]],
    [`${(3_102_400 / 58_320).toFixed(1)} %`, `${(46_164_000 / 2_554_968).toFixed(1)} %`],
  );
  assert.equal(shares.length, 6);
});

test("the curves are those of the functions: h-swish is flat below -3, ReLU6 above 6", () => {
  const paths = [
    ...figure(whole.document, "ReLU6, swish, h-swish").querySelectorAll("path[fill=none], g[fill=none] path"),
  ];
  const curves = paths.map((path) =>
    [...(path.getAttribute("d") ?? "").matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]),
  );
  const long = curves.filter((points) => points.length > 250);
  assert.equal(long.length, 3);
  // Of 321 points, 101 lie from -8 to -3, and 41 from 6 to 8.
  const isFlat = (points: number[][]) => points.every(([, y]) => y === points[0][1]);
  const flat = long.map((points) => [isFlat(points.slice(0, 101)), points.length === 321 && isFlat(points.slice(-41))]);
  assert.deepEqual(flat, [
    [true, true],
    [false, false],
    [true, false],
  ]);
});

test("every page needs nothing beside itself, and every drawing has a name", () => {
  const lessons = [wholeLesson({ alpha: 0.5 }), ...networkNames.map((name) => lessonOf(name, {}))];
  for (const { html, document } of lessons.map(open)) {
    assert.doesNotMatch(html, /<script|<link|<img|<iframe|@import|url\(|src=|href=|\/\/[a-z]/i);
    assert.doesNotMatch(html, /NaN|undefined|Infinity|\[object/);
    const drawings = [...document.querySelectorAll("figure > svg")];
    assert.ok(drawings.length >= 20);
    for (const svg of drawings) assert.ok((svg.getAttribute("aria-label") ?? "").length > 5);
    assert.ok(Buffer.byteLength(html) < 150_000);
  }
});
