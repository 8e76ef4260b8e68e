import { escapeHtml } from "../../html/escape.ts";

/** SVG as text: a few shapes in the page's colours. Lengths are in units of the drawing, about a pixel each. */

/** @param title text for screen readers */
export function drawing(width: number, height: number, title: string, parts: readonly string[]): string {
  const label = escapeHtml(title);
  return `<svg class="drawing" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts.join("")}</svg>`;
}

interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly className?: string;
}

export function label(
  x: number,
  y: number,
  text: string,
  { anchor = "middle", className = "" }: TextStyle = {},
): string {
  const kind = className === "" ? "" : ` class="${className}"`;
  return `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}"${kind}>${escapeHtml(text)}</text>`;
}

export function rect(x: number, y: number, width: number, height: number, className: string, extra = ""): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" class="${className}"${extra}/>`;
}

export function path(d: string, className: string): string {
  return `<path d="${d}" class="${className}"/>`;
}

/** Draws an arrow from the first point to the second. */
export function arrow(x1: number, y1: number, x2: number, y2: number): string {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const barb = (turn: number) => {
    const [dx, dy] = [Math.cos(angle + turn) * 6, Math.sin(angle + turn) * 6];
    return `${short(x2 - dx)} ${short(y2 - dy)}`;
  };
  return path(
    `M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}M${barb(0.5)}L${short(x2)} ${short(y2)}L${barb(-0.5)}`,
    "arrow",
  );
}

/** Rounds to one decimal, which is fine enough for a drawing. */
export const short = (n: number): string => String(Math.round(10 * n) / 10);
