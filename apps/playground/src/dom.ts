type Attributes = Readonly<Record<string, string | boolean | EventListener>>;

/**
 * An element with its attributes and children. `onclick` and the like take a function; `true` is an attribute without a
 * value, `false` none at all. Texts become text, never HTML.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.replace(/^on/, ""), value);
    else if (typeof value === "string") made.setAttribute(name, value);
    else if (value) made.setAttribute(name, "");
  }
  made.append(...children);
  return made;
}

/** Writes a text where it is another one: to write the same again would have the page laid out anew. */
export function write(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
