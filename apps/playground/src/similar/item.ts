import { element } from "../dom.ts";

/** A picture of the gallery. Its index is its number in the worker. */
export interface Item {
  readonly name: string;
  readonly url: string;
  readonly button: HTMLButtonElement;
  /** The similarity to the query; empty without a query. */
  readonly caption: HTMLElement;
}

export function makeItem(name: string, thumbnail: Blob, onChoose: () => void): Item {
  const url = URL.createObjectURL(thumbnail);
  const caption = element("span", { class: "value" });
  const image = element("img", { src: url, alt: name, decoding: "async" });
  const button = element("button", { type: "button", class: "item", title: name, onclick: onChoose }, image, caption);
  return { name, url, button, caption };
}
