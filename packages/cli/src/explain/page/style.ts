/** CSS of the lesson's page, in addition to that of all pages. Large enough for a projector, one column on a phone. */
export const style = `
:root { --faint: #5d6673;
  --c0: #2f66d0; --c1: #c8671b; --c2: #2c8a57; --c3: #8a56c2; --s0: #c9d9f8; --s1: #f8dcc2; --s2: #c7e8d5; --s3: #e4d6f4;
  --out: #8a56c2; --outs: #e4d6f4; --before: #cdd3dc; --after: #2f66d0; --read: #c8671b; --written: #e3a55f; }
@media (prefers-color-scheme: dark) { :root { --faint: #a0a8b4; --c0: #7ea6f5; --c1: #f0a060; --c2: #74cb9a; --c3: #be98ea; --s0: #2b3f68; --s1: #5a3c22; --s2: #23503a;
  --s3: #46345f; --out: #be98ea; --outs: #46345f; --before: #474e59; --after: #7ea6f5; --read: #f0a060; --written: #a8703c; } }
body { font: 17px/1.55 system-ui, sans-serif; }
main { max-width: 1140px; }
h1 { font-size: clamp(1.7rem, 5vw, 2.6rem); line-height: 1.15; margin: 0 0 .5rem; }
h2 { font-size: clamp(1.3rem, 3.4vw, 1.75rem); line-height: 1.25; margin: 4rem 0 .6rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
p { margin: .55rem 0; max-width: 74ch; }
.total { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: baseline; margin: 1.25rem 0; font-variant-numeric: tabular-nums; }
.total > div { display: flex; flex-direction: column; } .total b { font-size: clamp(2.2rem, 8vw, 3.6rem); line-height: 1; }
.total .old b { color: var(--faint); } .total .new b { color: var(--after); } .total span { color: var(--faint); font-size: .95rem; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 310px), 1fr)); gap: 1rem; margin: 1.25rem 0; }
.row > :only-child { max-width: 620px; } .one { white-space: nowrap; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.1rem; min-width: 0; }
figure svg { max-width: 460px; margin: 0 auto; }
figcaption { font-weight: 600; margin-bottom: .6rem; } figcaption small { display: block; font-weight: 400; color: var(--faint); font-size: .9rem; }
figure > p { margin: .6rem 0 0; font-size: .95rem; } figure > p b { white-space: nowrap; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .6rem 0 0; font-size: .9rem; color: var(--faint); max-width: none; }
.key span::before { content: ""; display: inline-block; width: .8em; height: .8em; border-radius: 3px; background: var(--dot);
  border: var(--edge, 0) dashed var(--c0); margin-right: .45em; vertical-align: -.05em; }
figure svg { display: block; width: 100%; height: auto; color: var(--text); background: none; overflow: visible; }
.drawing text { font: 13px system-ui, sans-serif; fill: var(--text); } .drawing text.faint { fill: var(--faint); }
.drawing text.head, .drawing text.strong { font-weight: 600; }
.plane .face { stroke-width: 1; } .plane .grid { stroke-width: .6; fill: none; }
.c0 .face { fill: var(--s0); } .c0 .face, .c0 .grid { stroke: var(--c0); }
.c1 .face { fill: var(--s1); } .c1 .face, .c1 .grid { stroke: var(--c1); }
.c2 .face { fill: var(--s2); } .c2 .face, .c2 .grid { stroke: var(--c2); }
.c3 .face { fill: var(--s3); } .c3 .face, .c3 .grid { stroke: var(--c3); }
.out .face { fill: var(--outs); } .out .face, .out .grid { stroke: var(--out); }
.window { fill: none; stroke: var(--text); stroke-width: 2; }
.arrow, .shortcut { fill: none; stroke: var(--faint); stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; }
.shortcut { stroke: var(--c1); stroke-width: 2; }
.bar.narrow { fill: var(--c0); } .bar.wide { fill: var(--s0); stroke: var(--c0); stroke-width: 1; } .bar.gate { fill: var(--c2); }
.bar.linear { fill: var(--card); stroke: var(--c0); stroke-width: 1.6; stroke-dasharray: 3 2; }
.layer { fill: var(--s0); opacity: .55; } .grid { stroke: var(--c0); stroke-width: .6; fill: none; opacity: .5; }
circle.plus { fill: var(--card); stroke: var(--c1); stroke-width: 1.8; }
.blocks { display: grid; grid-template-columns: repeat(auto-fill, minmax(148px, 1fr)); gap: .7rem; margin: 1.25rem 0; }
.blocks figure { padding: .7rem .75rem; font-size: .85rem; } .blocks figcaption { margin-bottom: .35rem; overflow-wrap: anywhere; }
.blocks p { margin: .35rem 0 0; font-size: .85rem; line-height: 1.35; } .blocks p b { white-space: normal; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; background: var(--card); }
th, td { padding: .3rem .65rem; border: 1px solid var(--line); text-align: right; white-space: nowrap; }
td.wrap { white-space: normal; min-width: 12rem; } th { font-weight: 600; color: var(--faint); } .words { text-align: left; }
tr.all td { font-weight: 600; } tr.asked td { background: color-mix(in srgb, var(--after) 14%, var(--card)); }
summary { cursor: pointer; color: var(--faint); margin-top: 1rem; } code { font-size: .92em; overflow-wrap: anywhere; }
footer { margin-top: 4rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: .9rem; }
@media (max-width: 480px) { .blocks { grid-template-columns: repeat(2, 1fr); } body { font-size: 16px; } figure { padding: .8rem; } }
@media print { h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
`;
