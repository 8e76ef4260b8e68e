import { fileButton } from "../classify/inputs.ts";
import { element } from "../dom.ts";
import { messageOf, say, sayLabel } from "../language.ts";
import { samples } from "../samples.ts";
import type { Session } from "../session.ts";
import { makeBusy } from "../shell/busy.ts";
import { notify } from "../shell/notices.ts";
import type { View } from "../shell/view.ts";
import { type Failure, isFailure, type Place } from "../worker/api.ts";
import { telling } from "../worker/client.ts";
import { gather } from "./gatherer.ts";
import { type Item, makeItem } from "./item.ts";
import "./style.css";

/** Most pictures shown. */
const MOST = 60;

/** Pictures next to similar ones, and all pictures on a map. */
export function similarView(session: Session): View {
  const { client } = session;
  let items: Item[] = [];
  /** Files of the items, which another model needs again. */
  let files: File[] = [];
  let running: Promise<void> = Promise.resolve();
  let work = new AbortController();
  let chosen: number | undefined;
  /** Whether the pictures are the page's samples, which other pictures replace. */
  let areSamples = true;

  const heading = element("h2", { "aria-live": "polite" });
  const progress = element("progress", { max: "1", value: "0" });
  const progressText = element("span", { class: "value" });
  const stop = say(element("button", { type: "button", onclick: () => work.abort() }), "stop");
  const busy = element("div", { class: "busy" }, progress, progressText, stop);
  const laying = makeBusy();
  const grid = element("div", { class: "grid" });
  const map = sayLabel(element("div", { class: "map", role: "group", hidden: true }), "map");
  const all = say(element("button", { type: "button", onclick: () => showAll() }), "showAll");
  const modes = (["gallery", "map"] as const).map((mode) => {
    const button = element("button", { type: "button", "aria-pressed": String(mode === "gallery") });
    button.addEventListener("click", () => show(mode));
    return { mode, button: say(button, mode) };
  });

  function show(mode: "gallery" | "map"): void {
    for (const one of modes) one.button.setAttribute("aria-pressed", String(one.mode === mode));
    grid.hidden = mode !== "gallery";
    map.hidden = mode !== "map";
    if (mode === "gallery") client.stopLayout();
    if (mode === "map") all.hidden = true;
    if (mode === "map") layOut();
    else if (chosen === undefined) showAll();
    else choose(chosen);
  }

  function showAll(): void {
    chosen = undefined;
    for (const { caption, button } of items) {
      caption.textContent = "";
      button.removeAttribute("style");
    }
    all.hidden = true;
    say(heading, "allPictures", { count: items.length });
    grid.replaceChildren(...items.map(({ button }) => button));
  }

  async function choose(index: number): Promise<void> {
    const found = await client.similarTo(index);
    if (isFailure(found)) return notify("badPicture", { error: found.error });
    chosen = index;
    for (const one of modes) one.button.setAttribute("aria-pressed", String(one.mode === "gallery"));
    grid.hidden = false;
    map.hidden = true;
    all.hidden = false;
    const best = found.indices.slice(0, MOST);
    for (const [i, at] of best.entries()) {
      items[at].caption.textContent = found.similarities[i].toFixed(2);
      items[at].button.removeAttribute("style");
    }
    say(heading, "likeThis", { name: items[index].name });
    grid.replaceChildren(...best.map((at) => items[at].button));
  }

  async function layOut(): Promise<void> {
    say(heading, "laying");
    let places: readonly Place[] | Failure = [];
    await laying.during(async (signal, tell) => {
      tell(0, 100, "percent");
      signal.addEventListener("abort", () => client.stopLayout());
      places = await client.layoutGallery(telling((done: number) => tell(Math.round(100 * done), 100, "percent")));
    });
    if (isFailure(places)) return notify("badPicture", { error: places.error });
    if (map.hidden) return;
    // Stopped before the first layout.
    if (places.length === 0) return show("gallery");
    say(heading, "allPictures", { count: items.length });
    for (const [i, [x, y]] of places.entries()) {
      const { button, caption } = items[i];
      caption.textContent = "";
      button.style.setProperty("--x", String(x));
      button.style.setProperty("--y", String(y));
    }
    // Many pictures are smaller, so that they overlap less.
    map.style.setProperty("--side", `${Math.max(28, Math.min(88, 440 / Math.sqrt(places.length)))}px`);
    map.replaceChildren(...items.slice(0, places.length).map(({ button }) => button));
  }

  async function take(incoming: readonly File[]): Promise<void> {
    const pictures = incoming.filter(({ type }) => type.startsWith("image/"));
    if (pictures.length === 0) return notify("noPictures");
    session.pool.add(pictures);
    const fresh = areSamples;
    areSamples = false;
    await begin(pictures, fresh);
  }

  /** Adds pictures after current work has stopped; `fresh` begins an empty gallery. */
  async function begin(coming: readonly File[], fresh: boolean): Promise<void> {
    work.abort();
    const mine = new AbortController();
    work = mine;
    await running;
    if (work !== mine) return;
    if (fresh) {
      for (const { url } of items) URL.revokeObjectURL(url);
      items = [];
      files = [];
      await client.clearGallery();
    }
    show("gallery");
    showAll();
    busy.hidden = false;
    running = run(coming, mine.signal);
    await running;
    if (work === mine) busy.hidden = true;
  }

  async function run(coming: readonly File[], signal: AbortSignal): Promise<void> {
    const told = (done: number) => {
      progress.value = done / coming.length;
      say(progressText, "looked", { done, all: coming.length });
    };
    told(0);
    try {
      const { unread, error } = await gather(session, coming, signal, (file, thumbnail, done) => {
        add(file, thumbnail);
        told(done);
      });
      if (unread > 0) notify("unread", { count: unread, error });
    } catch (error) {
      notify("noModel", { error: messageOf(error) });
    }
  }

  function add(file: File, thumbnail: Blob): void {
    const index = items.length;
    const item = makeItem(file.name, thumbnail, () => choose(index));
    items.push(item);
    files.push(file);
    if (chosen !== undefined || !map.hidden) return;
    grid.append(item.button);
    say(heading, "allPictures", { count: items.length });
  }

  async function beginWithSamples(): Promise<void> {
    const blobs = await Promise.all(samples.map(async ({ url }) => (await fetch(url)).blob()));
    if (!areSamples) return;
    const named = blobs.map((blob, i) => new File([blob], samples[i].name.replace("sample.", ""), { type: blob.type }));
    await begin(named, true);
  }

  session.onModel(() => begin([...files], true));
  const folder = fileButton("chooseFolder", "", take, true);
  folder.querySelector("input")!.webkitdirectory = true;
  const view = element(
    "div",
    { class: "similar" },
    say(element("p", { class: "prose" }), "similarText"),
    element(
      "div",
      { class: "actions" },
      fileButton("choosePictures", "image/*", take, true),
      folder,
      sayLabel(element("span", { class: "modes", role: "group" }, ...modes.map(({ button }) => button)), "show"),
      all,
    ),
    element("div", { class: "line" }, heading, busy, laying.element),
    grid,
    map,
  );
  beginWithSamples();
  return { element: view, take };
}
