type Attributes = Readonly<Record<string, string | boolean | EventListener>>;

/**
 * Makes an element with attributes and children. Handlers such as `onclick` take a function; `true` is an attribute
 * without a value, `false` no attribute. Texts become text, never HTML.
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

/** Writes a text only if it differs: writing the same text would cause a new layout. */
export function write(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
