import { page } from "../html/page.ts";
import type { MapJson } from "./viewer/data.ts";
import { viewerScript } from "./viewer/script.ts";

const style = `
:root { --accent: #1d5fd1; } @media (prefers-color-scheme: dark) { :root { --accent: #7fb2ff; } }
html, body { height: 100%; } body { overflow: hidden; }
main { display: flex; flex-direction: column; height: 100vh; height: 100dvh; max-width: none; padding: 0; }
main > h1 { margin: .6rem 1rem 0; font-size: 1.15rem; } main > p { margin: 0 1rem .5rem; font-size: .85rem; }
#work { position: relative; display: flex; flex: 1; min-height: 0; border-top: 1px solid var(--line); }
#stage { position: relative; flex: 1; min-width: 0; background: var(--card); overflow: hidden; }
#stage canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
#front { touch-action: none; cursor: grab; } #front:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; }
#tools { position: absolute; left: .6rem; top: .6rem; right: .6rem; display: flex; flex-wrap: wrap; gap: .4rem;
  pointer-events: none; }
#tools > * { pointer-events: auto; } #find { display: flex; gap: .4rem; flex: 1 1 7rem; max-width: 16rem; }
button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  min-height: 2.4rem; padding: 0 .7rem; } button { cursor: pointer; } input { width: 100%; min-width: 0; }
:is(button, input, a):focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
#status { position: absolute; left: .6rem; bottom: .5rem; margin: 0; padding: .1rem .5rem; font-size: .8rem;
  background: var(--card); border-radius: 6px; color: var(--faint); pointer-events: none; }
#panel { position: relative; width: 21rem; flex: none; overflow-y: auto; padding: 1rem; border-left: 1px solid var(--line);
  background: var(--page); } #panel[hidden] { display: none; }
#panel h2 { margin: 1rem 0 .5rem; font-size: 1rem; } #name { overflow-wrap: anywhere; font-size: .9rem; margin-top: .5rem; }
#close { position: absolute; right: 1.3rem; top: 1.3rem; z-index: 1; }
#whole { display: block; } #whole > * { display: block; width: 100%; height: 16rem; object-fit: contain;
  background: var(--card); border-radius: 8px; }
#near { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem; list-style: none; margin: 0; padding: 0; }
#near button { display: block; width: 100%; padding: .3rem; text-align: left; font-size: .75rem; line-height: 1.3; }
#near canvas { display: block; width: 100%; aspect-ratio: 1; } #near b { font-variant-numeric: tabular-nums; }
#near span { display: block; color: var(--faint); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
@media (max-width: 640px) {
  main > p { display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
  #work { flex-direction: column; } #panel { width: auto; height: 46%; border-left: 0; border-top: 1px solid var(--line); }
  #whole > * { height: 9rem; } #near { grid-template-columns: repeat(auto-fill, minmax(5.2rem, 1fr)); }
}
`;

const body = `
<div id="work">
<div id="stage">
<canvas id="dots"></canvas>
<canvas id="front" tabindex="0" role="application"
  aria-label="The map. Arrow keys move it, plus and minus zoom, Enter chooses the picture in the middle, Escape lets go."></canvas>
<div id="tools">
<button type="button" id="closer" aria-label="Zoom in" title="Zoom in (+)">+</button>
<button type="button" id="farther" aria-label="Zoom out" title="Zoom out (-)">−</button>
<button type="button" id="all" title="The whole map (0)">All</button>
<form id="find"><input type="search" id="search" placeholder="Find by name" aria-label="Find by name"></form>
</div>
<p id="status" role="status"></p>
</div>
<aside id="panel" aria-label="The picture chosen, and those most like it" hidden>
<button type="button" id="close" aria-label="Close" title="Close (Escape)">×</button>
<a id="whole" target="_blank"></a>
<p id="name" aria-live="polite"></p>
<h2>Most alike</h2>
<ol id="near"></ol>
</aside>
</div>
<noscript>The map needs JavaScript.</noscript>`;

/** Makes the page of a map: its frame, its data, and the script that draws it. Only large atlases are other files. */
export async function mapPage(data: MapJson, title: string, summary: string): Promise<string> {
  // A name with "<" must not end the script element.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  const scripts = `<script type="application/json" id="map-data">${json}</script>\n<script>${await viewerScript()}</script>`;
  return page({ title, summary, style, body: `${body}\n${scripts}` });
}
