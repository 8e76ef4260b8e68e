import { arrow, label, rect } from "../../../packages/cli/src/explain/page/svg.ts";
import { escapeHtml } from "../../../packages/cli/src/html/escape.ts";

export { arrow, label };

/** Lines of text in a box; the first is a head. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** `box` or a colour: `c0` to `c3`. */
  readonly kind?: "box" | "c0" | "c1" | "c2" | "c3" | "none";
  readonly lines: readonly string[];
  /** For code and addresses. */
  readonly mono?: boolean;
  /** Of its corners. Default 8. */
  readonly radius?: number;
}

const LINE = 19;

export function box({ x, y, width, height, kind = "box", lines, mono = false, radius = 8 }: Box): string {
  const top = y + height / 2 - ((lines.length - 1) * LINE) / 2 + 5;
  const texts = lines.map((line, i) =>
    label(x + width / 2, top + i * LINE, line, { className: i === 0 ? "head" : mono ? "faint mono" : "faint" }),
  );
  const shape = kind === "none" ? "" : rect(x, y, width, height, `fill ${kind}`, ` rx="${radius}"`);
  return shape + texts.join("");
}

/** A drawing as a file of its own, with the playground's colours for light and dark. */
export function drawingFile(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
  style: string,
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<style>${style}</style>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
