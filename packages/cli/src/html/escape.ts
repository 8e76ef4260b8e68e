import { printableLines } from "../printable.ts";

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Escapes text for HTML or an attribute. Marks that change the direction of text are written out. */
export function escapeHtml(text: string): string {
  return printableLines(text).replace(/[&<>"']/g, (c) => entities[c]);
}
