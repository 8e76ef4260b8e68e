/** CSS of a report, in addition to that of all pages. */
export const style = `
:root { --train: #3b6fd4; --validation: #d9772b; --rate: #4d9a6a; --cell: 59 111 212; --wrong: #c23b3b; }
@media (prefers-color-scheme: dark) { :root { --train: #7ca4f4; --validation: #f0a35e; --rate: #7fcb9c;
  --cell: 124 164 244; --wrong: #ef8080; } }
.numbers { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; padding: 0; }
.numbers div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem 1.1rem; }
.numbers dd { margin: 0; font-size: 1.35rem; font-weight: 600; } .numbers dt { color: var(--faint); font-size: .85rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1rem; }
figcaption { font-weight: 600; display: flex; gap: 1rem; align-items: baseline; }
figcaption span { font-weight: 400; font-size: .85rem; color: var(--faint); }
figcaption span::before { content: ""; display: inline-block; width: .7em; height: .7em; border-radius: 50%;
  background: var(--dot); margin-right: .4em; }
svg { display: block; width: 100%; height: auto; color: var(--faint); background: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; background: var(--card); }
th, td { padding: .3rem .6rem; border: 1px solid var(--line); text-align: right; }
th:first-child, td.name { text-align: left; } th { font-weight: 600; color: var(--faint); }
table.confusion th { max-width: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
table.confusion thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; max-height: 9rem; }
table.confusion thead th:first-child { writing-mode: horizontal-tb; transform: none; }
table.confusion td { text-align: center; min-width: 2.4rem; background: rgb(var(--cell) / var(--share, 0)); }
table.confusion td.none { color: transparent; } table.confusion td.right { outline: 2px solid var(--line); outline-offset: -2px; }
.wrong { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: .9rem; }
.wrong figure { padding: .6rem; font-size: .82rem; overflow: hidden; }
.wrong img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 6px; image-rendering: auto; }
.wrong p { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .wrong b { color: var(--wrong); font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; overflow-x: auto; font-size: .85rem; }
`;
