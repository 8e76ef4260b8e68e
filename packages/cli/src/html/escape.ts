import { printableLines } from "../printable.ts";

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text for an HTML page or an attribute in it. Marks that turn the direction of text are spelt out. */
export function escapeHtml(text: string): string {
  return printableLines(text).replace(/[&<>"']/g, (c) => entities[c]);
}
