/** CSS of the contact sheet, in addition to that of all pages. */
export const style = `
article { display: grid; grid-template-columns: 216px minmax(0, 1fr); gap: 1.25rem; align-items: start;
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin-top: 1rem; }
ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 1rem .75rem; list-style: none;
  margin: 0; padding: 0; }
figure { margin: 0; font-size: .8rem; line-height: 1.35; }
img, .gone { display: block; width: 100%; aspect-ratio: 1; border-radius: 6px; background: var(--page); }
img { object-fit: contain; }
.gone { display: grid; place-content: center; padding: .5rem; overflow: hidden; text-align: center; color: var(--faint);
  background: var(--line); overflow-wrap: anywhere; font-size: .75rem; }
figcaption { margin-top: .35rem; color: var(--faint); overflow-wrap: anywhere; display: -webkit-box; overflow: hidden;
  -webkit-box-orient: vertical; -webkit-line-clamp: 3; }
figcaption b { color: var(--text); font-weight: 600; font-variant-numeric: tabular-nums; }
article > figure figcaption { color: var(--text); font-size: .9rem; }
@media (max-width: 640px) {
  main { padding: 1.5rem .75rem 3rem; }
  article { grid-template-columns: minmax(0, 1fr); gap: .9rem; padding: .75rem; }
  article > figure { max-width: 260px; }
  ol { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem .5rem; }
}
`;
