import { element } from "../dom.ts";
import { say } from "../language.ts";
import type { Near } from "../worker/teacher/api.ts";
import type { Roster } from "./roster.ts";

/** The samples most similar to a picture, with the cosine of their features. */
export function nearRow(roster: Roster, nearest: readonly Near[]): HTMLElement {
  const items = nearest.map(({ number, similarity }) => {
    const known = roster.find(number);
    const image = element("img", { src: roster.urlOf(number), alt: known?.of.name ?? "", title: known?.of.name ?? "" });
    return element("li", {}, image, element("span", { class: "value" }, similarity.toFixed(2)));
  });
  return element(
    "div",
    {},
    say(element("p", { class: "faint" }), "nearest"),
    element("ul", { class: "near" }, ...items),
  );
}
