import { escapeHtml } from "./escape.ts";

/** CSS of all pages, for light and dark mode. A page adds its own. */
const base = `
:root { color-scheme: light dark; --page: #fafafa; --card: #fff; --text: #1a1c20; --faint: #6b7280; --line: #e3e5e9; }
@media (prefers-color-scheme: dark) { :root { --page: #14161a; --card: #1c1f25; --text: #e6e8ec; --faint: #9aa2ae;
  --line: #30343c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
p { margin: .25rem 0; } .faint { color: var(--faint); }
`;

export interface Page {
  readonly title: string;
  /** A line below the title. */
  readonly summary: string;
  /** CSS in addition to that of all pages. */
  readonly style: string;
  /** HTML below the summary. */
  readonly body: string;
}

/** Makes a self-contained page. */
export function page({ title, summary, style, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${base}${style.trimStart()}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="faint">${escapeHtml(summary)}</p>
${body}
</main>
</body>
</html>
`;
}
