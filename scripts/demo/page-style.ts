/** The page's style, light or dark by the system's setting. Colour is never the only sign: wrong frames are dashed. */
export const style = `
:root {
  color-scheme: light dark;
  --right: light-dark(#1a7f37, #3fb950);
  --wrong: light-dark(#cf222e, #f85149);
  --soft: light-dark(#57606a, #9198a1);
  --line: light-dark(#d0d7de, #30363d);
}
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; background: light-dark(#fff, #0d1117); }
main { max-width: 1080px; margin: 0 auto; padding: 20px; }
h1 { margin: 0 0 4px; font-size: 26px; }
h2 { margin: 28px 0 4px; font-size: 19px; }
p { margin: 0; max-width: 110ch; color: var(--soft); }
h3 { margin: 24px 0 4px; font-size: 16px; }
.beside { display: flex; flex-wrap: wrap; gap: 16px 40px; align-items: flex-end; justify-content: space-between; }
.beside > p { flex: 1 1 420px; max-width: 68ch; }
.switch { display: inline-block; margin: 10px 0 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); gap: 24px; margin-top: 12px; align-items: start; }
.photo { position: relative; overflow: hidden; border-radius: 8px; aspect-ratio: 1; background: var(--line); }
.photo img { position: absolute; inset: 0; border-radius: 0; image-rendering: auto; }
.photo .shade { transition: opacity 0.2s; }
main:has(#evidence:not(:checked)) .shade, .photo:hover .shade { opacity: 0; }
.bars { list-style: none; margin: 8px 0 0; padding: 0; font-size: 14px; font-variant-numeric: tabular-nums; }
.bars li { display: flex; justify-content: space-between; gap: 8px; padding: 1px 6px; margin-bottom: 2px; border-radius: 3px;
  background: linear-gradient(to right, color-mix(in srgb, var(--right) 28%, transparent) calc(var(--share) * 100%), transparent 0); }
.bars li:first-child { font-weight: 600; }
.bars b { font-weight: inherit; white-space: nowrap; }
.like { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; margin-top: 8px; }
.like img { object-fit: cover; image-rendering: auto; }
.next { display: grid; grid-template-columns: auto 1fr; gap: 6px 20px; margin: 12px 0; }
.next dt { color: var(--soft); }
.next dd { margin: 0; }
code { font-size: 13px; padding: 1px 5px; border-radius: 4px; background: color-mix(in srgb, var(--line) 45%, transparent); overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: 500; }
.score caption { caption-side: bottom; padding-top: 4px; font-size: 13px; color: var(--soft); }
.score th { text-align: left; }
.score td { padding-left: 20px; text-align: right; font-size: 24px; font-weight: 600; }
.key { padding: 0 7px; border-radius: 4px; border: 2px solid; white-space: nowrap; }
.key.right { border-color: var(--right); }
.key.wrong { border: 2px dashed var(--wrong); }
.queries { margin-top: 12px; }
.heads, .query { display: grid; grid-template-columns: 84px repeat(2, minmax(0, 1fr)); gap: 0 20px; }
.heads { font-weight: 600; }
.heads span:first-child { grid-column: 2; }
.query { padding: 5px 0; border-top: 1px solid var(--line); align-items: center; }
.group { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 4px; }
figure { margin: 0; text-align: center; }
figcaption { font-size: 12px; line-height: 1.3; color: var(--soft); font-variant-numeric: tabular-nums; }
.query > figure { font-weight: 600; }
.query > figure img { width: 56px; }
img { display: block; width: 100%; margin: 0 auto; aspect-ratio: 1; box-sizing: border-box; border-radius: 4px; image-rendering: pixelated; }
.right img { border: 3px solid var(--right); }
.wrong img { border: 3px dashed var(--wrong); }
.scroll { overflow-x: auto; margin-top: 12px; }
.confusion th, .confusion td { padding: 3px 7px; text-align: right; }
.confusion td { min-width: 26px; border: 1px solid var(--line); }
.confusion tr:first-child td { border: 0; }
.confusion th { font-size: 13px; white-space: nowrap; }
.confusion .right { background: color-mix(in srgb, var(--right) calc(var(--share) * 70%), transparent); }
.confusion .wrong { background: color-mix(in srgb, var(--wrong) calc(var(--share) * 70%), transparent); }
footer { margin-top: 28px; font-size: 13px; color: var(--soft); }
@media (max-width: 700px) {
  .next { grid-template-columns: 1fr; gap: 2px; }
  .next dd { margin-bottom: 8px; }
  .heads { display: none; }
  .query { grid-template-columns: 84px minmax(0, 1fr); }
  .group + .group { grid-column: 2; margin-top: 4px; }
}
`;
