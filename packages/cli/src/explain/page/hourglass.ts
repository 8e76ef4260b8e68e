import type { Block } from "mobilenets/graph";
import { drawing, path, rect, short } from "./svg.ts";

const WIDTH = 150;
const WIDEST = 128;
const BAR = 6;
const SLOPE = 26;
const WINDOW = 22;

/** Scale of all diagrams of a network. */
export interface Scale {
  /** Number of channels for the whole width. */
  readonly most: number;
  /** True if any block has an expansion. All diagrams then leave room for it, so they align. */
  readonly expands: boolean;
}

/** Draws a small diagram of a block, from top to bottom. */
export function hourglass(block: Block, { most, expands }: Scale): string {
  const { channels, residual, squeeze, expand, outputActivation, kernel } = block;
  const centre = WIDTH / 2 + 6;
  const half = (n: number) => Math.max(1, (WIDEST * n) / most / 2);
  const [input, middle, output] = [half(channels.input), half(channels.expanded), half(channels.output)];
  const top = 2 + (expands && !expand ? SLOPE : 0);
  const wide = top + BAR + (expand ? SLOPE : 0);
  const after = wide + WINDOW;
  const bottom = after + SLOPE;
  const slope = (y1: number, from: number, y2: number, to: number) =>
    path(
      `M${short(centre - from)} ${y1}H${short(centre + from)}L${short(centre + to)} ${y2}H${short(centre - to)}Z`,
      "layer",
    );
  const side = Math.max(4, centre - Math.max(input, middle, output) - 10);
  const gate = squeeze ? half(squeeze.squeezed) : 0;
  const lines = Array.from({ length: kernel[0] - 1 }, (_, i) => {
    const y = short(wide + (WINDOW * (i + 1)) / kernel[0]);
    return `M${short(centre - middle)} ${y}H${short(centre + middle)}`;
  });
  return drawing(
    WIDTH,
    bottom + BAR + 3,
    `${block.name}: ${channels.input}, ${channels.expanded}, ${channels.output} channels`,
    [
      ...(expand ? [slope(top + BAR, input, wide, middle)] : []),
      rect(centre - middle, wide, 2 * middle, WINDOW, "bar wide"),
      path(lines.join(""), "grid"),
      ...(squeeze ? [rect(centre - gate, wide + WINDOW / 2 - 3.5, 2 * gate, 7, "bar gate")] : []),
      slope(after, middle, bottom, output),
      rect(centre - input, top, 2 * input, BAR, "bar narrow"),
      rect(centre - output, bottom, 2 * output, BAR, outputActivation === "linear" ? "bar linear" : "bar narrow"),
      ...(residual
        ? [
            path(
              `M${short(centre - input - 2)} ${top + BAR / 2}H${short(side + 6)}Q${short(side)} ${top + BAR / 2} ${short(side)} ${top + BAR / 2 + 6}V${bottom + BAR / 2 - 6}Q${short(side)} ${bottom + BAR / 2} ${short(side + 6)} ${bottom + BAR / 2}H${short(centre - output - 3)}`,
              "shortcut",
            ),
          ]
        : []),
    ],
  );
}
