import { element } from "../dom.ts";
import { say } from "../language.ts";
import type { Key } from "../strings.ts";

/** A drawing with its caption. The SVG text is our own, never a file's. */
export interface Figure {
  readonly element: HTMLElement;
  draw(svg: string): void;
}

export function makeFigure(caption: Key | HTMLElement, ...notes: readonly HTMLElement[]): Figure {
  const place = element("div");
  const head = typeof caption === "string" ? say(element("span"), caption) : caption;
  return {
    element: element("figure", {}, element("figcaption", {}, head), place, ...notes),
    draw(svg) {
      place.innerHTML = svg;
    },
  };
}
