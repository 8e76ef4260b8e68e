import { element } from "../dom.ts";
import { say } from "../language.ts";
import type { Key } from "../strings.ts";

export interface Slider<T> {
  readonly element: HTMLElement;
  value(): T;
  /** Changes the values and the choice. */
  offer(stops: readonly T[], start: T): void;
}

/** A slider over a list of values, which may be unevenly spaced. */
export function makeSlider<T extends string | number>(
  key: Key,
  stops: readonly T[],
  start: T,
  onChange: () => void,
): Slider<T> {
  let all = stops;
  const output = element("output", {}, String(start));
  const input = element("input", {
    type: "range",
    min: "0",
    max: String(all.length - 1),
    value: String(all.indexOf(start)),
    "data-slider": key,
  });
  const value = () => all[Number(input.value)];
  function show(): void {
    output.textContent = String(value());
    input.setAttribute("aria-valuetext", String(value()));
  }
  input.addEventListener("input", () => {
    show();
    onChange();
  });
  show();
  return {
    element: element("label", { class: "slider" }, say(element("span"), key), input, output),
    value,
    offer(next, chosen) {
      all = next;
      input.max = String(next.length - 1);
      input.value = String(next.indexOf(chosen));
      show();
    },
  };
}
