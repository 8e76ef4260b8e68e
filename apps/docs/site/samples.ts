import type { MarkdownRenderer } from "vitepress";
import { fileOf } from "./links.ts";
import { GENERATED } from "./pages.ts";

/** Pages that show parts of files; `test/bundlers-doc.test.ts` finds each line in a project that is built and type-checked. */
export const PARTS: readonly string[] = ["docs/bundlers.md"];

/** Marks each sample of TypeScript, so that twoslash checks its types and shows them under the pointer. */
export function checkSamples(md: MarkdownRenderer, root: string): void {
  md.core.ruler.push("check-samples", ({ tokens, env }) => {
    const path = fileOf(env, root);
    // The API's signatures are no samples.
    if (PARTS.includes(path) || path.startsWith(GENERATED)) return;
    for (const token of tokens) if (token.type === "fence" && token.info.trim() === "ts") token.info = "ts twoslash";
  });
}
