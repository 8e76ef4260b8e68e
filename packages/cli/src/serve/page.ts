import { page } from "../html/page.ts";

/** The server's start page, for trying it with a picture. */

/** The page may run its own script, show local pictures, and call this server only. */
export const CONTENT_SECURITY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src blob:; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const style = `
#drop { display: block; margin: 1.5rem 0; padding: 2rem 1rem; border: 2px dashed var(--line); border-radius: 12px;
  background: var(--card); text-align: center; cursor: pointer; }
#drop:hover, #drop.over, #drop:focus-within { border-color: #3b82f6; }
#drop input { position: absolute; opacity: 0; width: 1px; height: 1px; }
#shown { display: grid; grid-template-columns: minmax(0, 320px) minmax(0, 1fr); gap: 1.5rem; align-items: start; }
#shown img { width: 100%; border-radius: 8px; display: block; }
.row { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; margin-bottom: .75rem; }
.row span:first-child { overflow-wrap: anywhere; }
.row span:nth-child(2) { font-variant-numeric: tabular-nums; }
.track { grid-column: 1 / -1; height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; }
.track i { display: block; height: 100%; background: #3b82f6; }
#token { width: 100%; max-width: 320px; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--card); color: inherit; font: inherit; }
@media (max-width: 640px) { #shown { grid-template-columns: 1fr; } }
`;

const script = `
const drop = document.getElementById("drop"), input = drop.querySelector("input");
const shown = document.getElementById("shown"), image = shown.querySelector("img");
const result = document.getElementById("result"), token = document.getElementById("token");
let asked = 0;
const say = (text) => { result.replaceChildren(Object.assign(document.createElement("p"), { textContent: text })); };
function rows(topK) {
  // Logits and logarithms are no shares.
  const areShares = topK.every(({ probability }) => probability >= 0 && probability <= 1);
  return topK.map(({ label, probability }) => {
    const element = document.createElement("div"), percent = 100 * probability;
    element.className = "row";
    const name = document.createElement("span"), value = document.createElement("span");
    name.textContent = label; value.textContent = areShares ? percent.toFixed(1) + " %" : probability.toFixed(3);
    element.append(name, value);
    if (!areShares) return element;
    const track = document.createElement("div"), bar = document.createElement("i");
    track.className = "track"; bar.style.width = percent + "%"; track.append(bar);
    element.append(track);
    return element;
  });
}
async function ask(file) {
  const number = ++asked;
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(file); image.alt = file.name; shown.hidden = false; say("…");
  const form = new FormData();
  form.append("image", file);
  const headers = token?.value ? { authorization: "Bearer " + token.value } : {};
  let answer;
  try {
    answer = await (await fetch("v1/classify?top=5", { method: "POST", body: form, headers })).json();
  } catch { answer = { error: { message: "the server does not answer" } }; }
  if (number !== asked) return;
  if (answer.error) say(answer.error.message); else result.replaceChildren(...rows(answer.topK));
}
input.addEventListener("change", () => { if (input.files[0]) ask(input.files[0]); });
for (const type of ["dragover", "dragleave", "drop"]) drop.addEventListener(type, (event) => {
  event.preventDefault();
  drop.classList.toggle("over", type === "dragover");
  if (type === "drop" && event.dataTransfer.files[0]) ask(event.dataTransfer.files[0]);
});
`;

/**
 * The page for trying the server with a picture.
 * @param tokens true if the server needs a token
 */
export function tryPage(tokens: boolean): string {
  const token = `<p><label>Token<br><input id="token" type="password" autocomplete="off"></label></p>\n`;
  return page({
    title: "What is on the picture?",
    summary: "The picture goes to this server and is not kept.",
    style,
    body: `${tokens ? token : ""}<label id="drop"><input type="file" accept="image/*">Drop a picture here, or choose one</label>
<section id="shown" hidden><img alt=""><div id="result" aria-live="polite"></div></section>
<p class="faint">For programs: <a href="reference">all addresses</a>, and <a href="openapi.json">openapi.json</a></p>
<script>${script}</script>`,
  });
}
