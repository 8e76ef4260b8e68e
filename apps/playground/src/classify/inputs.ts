import { element } from "../dom.ts";
import { say, sayLabel } from "../language.ts";
import { samples } from "../samples.ts";
import type { Key } from "../strings.ts";

/** A button that opens the file dialogue, also by keyboard and with screen readers. */
export function fileButton(key: Key, accept: string, take: (files: readonly File[]) => void, multiple = false) {
  const input = element("input", { type: "file", accept, hidden: true, multiple, "data-input": key });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // Choosing the same file again must be a change too.
    input.value = "";
    if (files.length > 0) take(files);
  });
  const button = say(element("button", { type: "button", onclick: () => input.click() }), key);
  return element("span", {}, button, input);
}

/** A strip of small sample pictures. */
export function sampleStrip(take: (url: string) => void): HTMLElement {
  const items = samples.map(({ name, url }) => {
    const image = element("img", { src: url, alt: "", width: "72", height: "72" });
    return sayLabel(element("button", { type: "button", class: "sample", onclick: () => take(url) }, image), name);
  });
  return sayLabel(element("div", { class: "samples", role: "group" }, ...items), "samples");
}
