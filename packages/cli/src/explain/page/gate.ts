import type { Squeeze } from "mobilenets/graph";
import { grouped } from "../../table.ts";
import { english, type FigureWords } from "./figure-words.ts";
import { arrow, drawing, label, path, rect } from "./svg.ts";

/** The drawing of squeeze-and-excite. */

const WIDTH = 340;
/** Horizontal positions of the map's path, and of the numbers' path beside it. */
const MAP = 44;
const VECTOR = 172;
const WIDEST = 130;
const BAR = 12;
const STEP = 58;
const TOP = 20;

/** Draws squeeze-and-excite from top to bottom. Widths show the lengths of its vectors. */
export function gateDrawing(
  { channels, squeezed, activation, gate, values }: Squeeze,
  words: FigureWords = english,
): string {
  const yOf = (i: number) => TOP + 46 + i * STEP;
  const widthOf = (n: number) => Math.max(2, (WIDEST * n) / channels);
  const vectors = [channels, squeezed, channels];
  const steps = [
    { title: words.averages, cost: words.numbersRead(grouped(values)) },
    {
      title: words.layer(channels, squeezed, words.activation(activation)),
      cost: words.layerWeights(grouped(channels * squeezed), squeezed),
    },
    {
      title: words.layer(squeezed, channels, words.activation(gate)),
      cost: words.layerWeights(grouped(squeezed * channels), channels),
    },
  ];
  const end = yOf(2) + BAR + 40;
  return drawing(WIDTH, end + 34, words.gateTitle(vectors), [
    ...mapAt(TOP, "c0"),
    arrow(MAP + 26, TOP + 10, VECTOR, yOf(0) - 6),
    arrow(MAP, TOP + 36, MAP, end - 10),
    ...vectors.flatMap((n, i) => [
      rect(VECTOR - widthOf(n) / 2, yOf(i), widthOf(n), BAR, i === 1 ? "bar gate" : "bar wide"),
      label(VECTOR + WIDEST / 2 + 8, yOf(i) + 11, String(n), { anchor: "start", className: "strong" }),
    ]),
    arrow(VECTOR, yOf(0) + BAR + 2, VECTOR, yOf(1) - 4),
    arrow(VECTOR, yOf(1) + BAR + 2, VECTOR, yOf(2) - 4),
    ...steps.flatMap(({ title, cost }, i) => {
      const y = i === 0 ? TOP + 2 : yOf(i) - 26;
      const x = i === 0 ? MAP + 62 : VECTOR + 10;
      return [label(x, y, title, { anchor: "start" }), label(x, y + 14, cost, { anchor: "start", className: "faint" })];
    }),
    path(`M${VECTOR} ${yOf(2) + BAR + 2}V${end}`, "arrow"),
    arrow(VECTOR, end, MAP + 11, end),
    `<circle cx="${MAP}" cy="${end}" r="9" class="plus"/>`,
    label(MAP, end + 5, "×", { className: "strong" }),
    label(MAP + 20, end + 24, words.timesFactor, { anchor: "start", className: "faint" }),
  ]);
}

function mapAt(y: number, className: string): string[] {
  const planes = [2, 1, 0].map((i) => {
    const face = rect(MAP - 24 + i * 7, y - 4 - i * 5, 34, 34, "face");
    return `<g class="plane ${className}">${face}</g>`;
  });
  return planes;
}
