import { style } from "./page-style.ts";

/** A self-contained page, including pictures, which can be sent and opened anywhere. */
export function demoPage(sections: readonly string[], credits: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mobilenets: photographs and features</title>
<style>${style}</style>
<main>
<header>
  <h1>mobilenets</h1>
  <p>Labels and features of pictures, computed on this machine.</p>
</header>
${sections.join("\n")}
<footer>${credits}</footer>
</main>
</html>
`;
}
