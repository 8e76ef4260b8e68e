import { element } from "../dom.ts";
import { say, type Values } from "../language.ts";
import type { Key } from "../strings.ts";

/** The page's error messages. They overlay the page, so that nothing moves. */
export const notices = element("div", { class: "notices", role: "alert" });

/** Shows a message until the reader closes it. A repeated message replaces the old one. */
export function notify(key: Key, values: Values = {}): void {
  const words = say(element("p"), key, values);
  const close = say(element("button", { type: "button", onclick: () => item.remove() }), "dismiss");
  const item = element("div", { class: "notice", "data-notice": key }, words, close);
  notices.querySelector(`[data-notice="${key}"]`)?.remove();
  notices.append(item);
}
