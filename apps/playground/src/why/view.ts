import { element } from "../dom.ts";
import type { View } from "../shell/view.ts";
import { exampleSection } from "./example.ts";
import { linearSection } from "./linear.ts";
import { networkSections } from "./network.ts";
import "./style.css";

/** The interactive lesson of `mobilenets explain`. */
export function whyView(): View {
  const { sizes, block, gate } = networkSections();
  return { element: element("div", { class: "why" }, exampleSection(), sizes, block, linearSection(), gate) };
}
