// The drawings of ARCHITECTURE.md. `npm run drawings` in `apps/docs` writes them to `docs/drawings`, where GitHub shows
// them; a test finds a file that is not what these functions make.
import { readFileSync } from "node:fs";
import { themes } from "../site/themes.ts";
import { arrow, type Box, box, drawingFile, label } from "./shapes.ts";

const rules = readFileSync(new URL("drawings.css", import.meta.url), "utf8");

interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly parts: readonly string[];
}

const drawings: Readonly<Record<string, () => Drawing>> = { packages, pipeline, memory, map, run };

/** The text of each file, by its name. */
export function allDrawings(): Record<string, string> {
  const { light, dark } = themes();
  const style = `:root{${light}}@media (prefers-color-scheme:dark){:root{${dark}}}${rules}`.replace(/\s+/g, " ");
  return Object.fromEntries(
    Object.entries(drawings).map(([name, draw]) => {
      const { title, width, height, parts } = draw();
      return [`${name}.svg`, drawingFile(width, height, title, [`<g class="diagram">`, ...parts, "</g>"], style)];
    }),
  );
}

/** From left to right, with arrows between. */
function row(
  boxes: readonly Omit<Box, "x" | "y" | "height">[],
  x: number,
  y: number,
  height: number,
  gap: number,
): string[] {
  let at = x;
  return boxes.flatMap((one, i) => {
    const made = box({ ...one, x: at, y, height });
    const start = at - gap;
    at += one.width + gap;
    return i === 0 ? [made] : [arrow(start + 5, y + height / 2, start + gap - 5, y + height / 2), made];
  });
}

function pipeline(): Drawing {
  const width = 940;
  const stages = row(
    [
      { width: 150, kind: "c0", lines: ["model table", "the paper's rows", "models/"] },
      { width: 150, kind: "c0", lines: ["Graph", "nodes with names", "graph/"] },
      { width: 150, kind: "c1", lines: ["Program", "Graph with weights", "passes/"] },
      { width: 150, kind: "c2", lines: ["Plan", "steps and addresses", "plan/"] },
      { width: 150, kind: "c3", lines: ["engine", "runs it", "engines/, kernels/"] },
    ],
    10,
    70,
    84,
    42,
  );
  return {
    title: "The pipeline: model table, Graph, Program, Plan, engine",
    width,
    height: 250,
    parts: [
      ...stages,
      box({ x: 302, y: 6, width: 340, height: 34, kind: "box", lines: ["weights, from a file or initialised"] }),
      arrow(472, 40, 472, 66),
      box({ x: 778, y: 6, width: 150, height: 34, kind: "box", lines: ["picture"] }),
      arrow(853, 40, 853, 66),
      arrow(853, 158, 853, 186),
      box({ x: 778, y: 190, width: 150, height: 50, kind: "box", lines: ["labels, features", "maps of layers"] }),
      label(277, 190, "printed by", { className: "faint" }),
      label(277, 208, "summary --print graph", { className: "faint mono" }),
      label(661, 190, "printed by", { className: "faint" }),
      label(661, 208, "summary --print plan", { className: "faint mono" }),
      label(469, 190, "batch norm folded,", { className: "faint" }),
      label(469, 208, "activations taken in", { className: "faint" }),
    ],
  };
}

function packages(): Drawing {
  const doors = [
    ["mobilenets", "load, pictures, errors"],
    ["/graph", "networks as data"],
    ["/weights", "files"],
    ["/train", "training"],
    ["/search", "nearest vectors"],
    ["/labels", "names of classes"],
    ["/worker", "off the main thread"],
    ["/standalone", "one JavaScript file"],
    ["/compat/*", "drop-ins"],
  ].map(([head, text], i) =>
    box({ x: 26 + (i % 3) * 176, y: 152 + Math.floor(i / 3) * 66, width: 164, height: 54, lines: [head, text] }),
  );
  return {
    title: "The packages: command line and playground use the library; weights are a package of their own",
    width: 940,
    height: 366,
    parts: [
      box({ x: 10, y: 6, width: 260, height: 64, kind: "c1", lines: ["@mobilenets/cli", "the command mobilenets"] }),
      box({
        x: 290,
        y: 6,
        width: 260,
        height: 64,
        kind: "c3",
        lines: ["apps/playground", "a page; the command carries it"],
      }),
      arrow(140, 74, 140, 100),
      arrow(420, 74, 420, 100),
      box({ x: 10, y: 104, width: 540, height: 252, kind: "c0", lines: [] }),
      label(280, 134, "mobilenets: no dependencies at run time", { className: "head" }),
      ...doors,
      arrow(644, 160, 556, 190),
      box({
        x: 650,
        y: 128,
        width: 280,
        height: 64,
        kind: "c2",
        lines: ["@mobilenets/weights-imagenet", "weights, 9.5 MB, and their address"],
      }),
      arrow(644, 270, 556, 260),
      box({
        x: 650,
        y: 222,
        width: 280,
        height: 100,
        lines: ["optional peers", "sharp, heic-decode", "flatbuffers, protobufjs", "onnxruntime-*"],
      }),
    ],
  };
}

/** What lies where in a model's linear memory, low addresses left. */
function memory(): Drawing {
  const parts = [
    [104, "box", ["0", "kernels' own"]],
    [106, "box", ["64", "where", "threads meet"]],
    [124, "c3", ["128", "step list", "192 bytes each"]],
    [156, "c0", ["constants", "weights in panels"]],
    [146, "c1", ["residents", "what training", "changes"]],
    [164, "c2", ["arena", "input, results", "that share it"]],
    [120, "box", ["per worker", "arena, steps,", "queue"]],
  ] as const;
  let x = 10;
  const drawn = parts.map(([width, kind, lines]) => {
    const made = box({ x, y: 30, width, height: 90, kind, lines });
    x += width;
    return made;
  });
  return {
    title: "One model's linear memory, from low addresses to high",
    width: 940,
    height: 170,
    parts: [
      label(10, 18, "low addresses", { anchor: "start", className: "faint" }),
      label(930, 18, "high", { anchor: "end", className: "faint" }),
      ...drawn,
      label(422, 148, "packed once, when the model is loaded", { className: "faint" }),
      label(728, 148, "a buffer is free after its last reader", { className: "faint" }),
    ],
  };
}

/** A result in the arena: pixels in a frame, and a pixel's numbers. */
function map(): Drawing {
  const cell = 34;
  const [left, top] = [120, 40];
  const right = left + 7 * cell;
  const pixel = { row: 2, column: 5, y: top + 2 * cell };
  const cells = Array.from({ length: 6 * 7 }, (_, i) => {
    const [rowOf, column] = [Math.floor(i / 7), i % 7];
    const isFrame = rowOf === 0 || rowOf === 5 || column === 0 || column === 6;
    const isPixel = rowOf === pixel.row && column === pixel.column;
    return box({
      x: left + column * cell,
      y: top + rowOf * cell,
      width: cell,
      height: cell,
      kind: isFrame ? "box" : isPixel ? "c1" : "c0",
      lines: isFrame ? ["0"] : [],
      radius: 0,
    });
  });
  return {
    title: "A map in memory: pixels in a frame of zeros; a pixel is its channels and padding",
    width: 940,
    height: 280,
    parts: [
      ...cells,
      label(left + 3.5 * cell, 24, "left · width · right", { className: "faint" }),
      label(left - 12, top + 0.6 * cell, "top", { anchor: "end", className: "faint" }),
      label(left - 12, top + 3 * cell, "height", { anchor: "end", className: "faint" }),
      label(left - 12, top + 5.6 * cell, "bottom", { anchor: "end", className: "faint" }),
      label(left + 3.5 * cell, 266, "a row: pitchOf bytes", { className: "faint" }),
      arrow(right + 6, pixel.y + cell / 2, 470, pixel.y + cell / 2),
      ...Array.from({ length: 8 }, (_, i) =>
        box({
          x: 480 + i * cell,
          y: pixel.y,
          width: cell,
          height: cell,
          kind: i < 6 ? "c1" : "box",
          lines: i < 6 ? [String(i)] : ["–"],
          radius: 0,
        }),
      ),
      label(480 + 3 * cell, pixel.y - 12, "channels", { className: "faint" }),
      label(480 + 7 * cell, pixel.y - 12, "padding", { className: "faint" }),
      label(480 + 4 * cell, pixel.y + cell + 22, "a pixel: stepOf bytes, a whole number of vectors", {
        className: "faint",
      }),
      label(right + 20, top + 5.6 * cell, "The frame holds zeros, so a window slides over the edge without a test.", {
        anchor: "start",
        className: "faint",
      }),
    ],
  };
}

/** One call, and how threads share its steps. */
function run(): Drawing {
  const steps = ["conv", "dw 3x3", "1x1", "dw 3x3", "1x1", "pool"].map((name, i) =>
    box({ x: 190 + i * 106, y: 40, width: 94, height: 44, kind: i % 2 ? "c2" : "c0", lines: [name] }),
  );
  const chunks = Array.from({ length: 8 }, (_, i) =>
    box({ x: 190 + i * 78, y: 140, width: 70, height: 40, kind: i < 4 ? "c1" : "c3", lines: [`chunk ${i}`] }),
  );
  return {
    title: "One call from JavaScript walks the step list; threads take a step's chunks by a counter",
    width: 940,
    height: 250,
    parts: [
      box({ x: 10, y: 34, width: 130, height: 56, lines: ["JavaScript", "one call"] }),
      arrow(146, 62, 184, 62),
      ...steps,
      label(508, 22, "a Plan's step list, walked inside WebAssembly", { className: "faint" }),
      arrow(437, 88, 300, 134),
      arrow(449, 88, 700, 134),
      label(140, 165, "one step", { anchor: "end", className: "faint" }),
      ...chunks,
      label(342, 206, "thread 0 begins here", { className: "faint" }),
      label(654, 206, "thread 1 begins here", { className: "faint" }),
      label(
        500,
        234,
        "Each thread does its own share first, then takes what the other has left. A counter gives the next chunk.",
        {
          className: "faint",
        },
      ),
    ],
  };
}
