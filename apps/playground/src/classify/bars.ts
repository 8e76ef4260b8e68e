import { element, write } from "../dom.ts";
import type { Seen } from "../worker/api.ts";

const ROWS = 5;

export interface Bars {
  readonly element: HTMLElement;
  show(seen: readonly Seen[]): void;
  /** Index of the chosen class, in order from the best. */
  chosen(): number;
}

/** The best classes. Rows exist from the start, so that nothing moves; a click shows the evidence for a class. */
export function makeBars(onChoose: () => void): Bars {
  let chosen = 0;
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const name = element("span", { class: "label" }, "\u00a0");
    const value = element("span", { class: "value" });
    const fill = element("span", { class: "fill" });
    const button = element(
      "button",
      {
        type: "button",
        disabled: true,
        onclick: () => {
          choose(i);
          onChoose();
        },
      },
      fill,
      name,
      value,
    );
    return { button, name, value, fill };
  });
  function choose(index: number): void {
    chosen = index;
    for (const [i, { button }] of rows.entries()) button.setAttribute("aria-pressed", String(i === index));
  }
  choose(0);
  return {
    element: element("ol", { class: "bars" }, ...rows.map(({ button }) => element("li", {}, button))),
    show(seen) {
      for (const [i, { button, name, value, fill }] of rows.entries()) {
        const row = seen[i];
        button.disabled = row === undefined;
        write(name, row?.label ?? "\u00a0");
        write(value, row ? `${(100 * row.probability).toFixed(1)} %` : "");
        fill.style.transform = `scaleX(${row ? Math.min(1, Math.max(0, row.probability)).toFixed(3) : 0})`;
      }
      if (chosen >= seen.length) choose(0);
    },
    chosen: () => chosen,
  };
}
