import type { MarkdownEnv, MarkdownRenderer } from "vitepress";

interface SearchEnv extends MarkdownEnv {
  isIndexed?: boolean;
}

/** The index of the search wants a page's text alone: its code is not coloured, nor its types checked, once more. */
export function plainWhenIndexed(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence!;
  md.renderer.rules.fence = (tokens, i, options, env: SearchEnv, self) =>
    env.isIndexed
      ? `<pre><code>${md.utils.escapeHtml(tokens[i].content)}</code></pre>`
      : fence(tokens, i, options, env, self);
}

export function renderForSearch(
  source: string,
  env: SearchEnv,
  render: (source: string, env: SearchEnv) => string,
): string {
  env.isIndexed = true;
  return render(source, env);
}
