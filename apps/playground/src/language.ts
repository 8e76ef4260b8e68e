import { write } from "./dom.ts";
import { type Key, strings } from "./strings.ts";

const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

/** Values for `{name}` in a text. */
export type Values = Readonly<Record<string, string | number>>;

const KEPT = "playground-language";
let language: Language = initial();

function initial(): Language {
  const kept = localStorage.getItem(KEPT);
  return languages.find((name) => name === kept) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
}

export const currentLanguage = (): Language => language;

/** Sets the language of a page that has its own; called before the page's parts are made. */
export function speak(next: Language): void {
  language = next;
}

/** A text of the table in the page's language. */
export function text(key: Key, values: Values = {}): string {
  return strings[key][language].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** Sets an element's text, which follows the language. */
export function say<E extends Element>(target: E, key: Key, values: Values = {}): E {
  target.setAttribute("data-say", key);
  target.setAttribute("data-values", JSON.stringify(values));
  write(target, text(key, values));
  return target;
}

/** The same for an element's label for screen readers. */
export function sayLabel<E extends Element>(target: E, key: Key, values: Values = {}): E {
  target.setAttribute("data-label", key);
  target.setAttribute("data-label-values", JSON.stringify(values));
  target.setAttribute("aria-label", text(key, values));
  return target;
}

const listeners: (() => void)[] = [];

/** Registers a listener for changes of the language, for drawings. */
export function onLanguage(listener: () => void): void {
  listeners.push(listener);
}

/** Changes the language of the whole page in place: no picture and no result is lost. */
export function setLanguage(next: Language): void {
  language = next;
  localStorage.setItem(KEPT, next);
  applyLanguage();
  for (const listener of listeners) listener();
}

export function applyLanguage(): void {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = text("title");
  for (const target of document.querySelectorAll("[data-say]")) {
    const values = JSON.parse(target.getAttribute("data-values") ?? "{}") as Values;
    target.textContent = text(target.getAttribute("data-say") as Key, values);
  }
  for (const target of document.querySelectorAll("[data-label]")) {
    const values = JSON.parse(target.getAttribute("data-label-values") ?? "{}") as Values;
    target.setAttribute("aria-label", text(target.getAttribute("data-label") as Key, values));
  }
}

/** The message of an error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
