import { drawHeat } from "../classify/heat.ts";
import { fileButton } from "../classify/inputs.ts";
import { openModel } from "../classify/model-panel.ts";
import { element } from "../dom.ts";
import { messageOf, onLanguage, say, sayLabel, text } from "../language.ts";
import { samples } from "../samples.ts";
import type { Session } from "../session.ts";
import { makeBusy } from "../shell/busy.ts";
import { notify } from "../shell/notices.ts";
import type { View } from "../shell/view.ts";
import { isFailure } from "../worker/api.ts";
import { telling } from "../worker/client.ts";
import type { Exciting, MapLayer } from "../worker/looker/api.ts";
import { makeMapGrid } from "./maps.ts";
import { drawNetwork, type NetworkDrawing } from "./network-drawing.ts";
import "./style.css";

/** Pictures in the strip. */
const STRIP = 60;

interface Shown {
  readonly name: string;
  readonly url: string;
}

/** The network's layers, their maps of a picture, and the pictures that excite a channel most. */
export function featuresView(session: Session): View {
  const { client, pool } = session;
  /** Pictures by the worker's numbers. */
  const pictures = new Map<number, Shown>();
  /** Number of the pool's files that the worker has. */
  let given = 0;
  let layers: readonly MapLayer[] = [];
  let drawing: NetworkDrawing | undefined;
  let layer = -1;
  let picture = -1;
  /** Counts questions: an answer that comes after the next question is ignored. */
  let asked = 0;

  const networkPlace = element("div", { class: "network-scroll" });
  const legend = element(
    "ul",
    { class: "legend" },
    ...(["standard", "depthwise", "pointwise", "sum"] as const).map((kind) =>
      element("li", { class: kind }, say(element("span"), `kind.${kind}`)),
    ),
  );
  const strip = sayLabel(element("div", { class: "samples", role: "group" }), "yourPictures");
  const busy = makeBusy();
  const heading = element("h2", { "aria-live": "polite" });
  const facts = element("p", { class: "faint" });
  const grid = makeMapGrid((channel) => showExciting(channel));
  const exciting = element("section", { class: "exciting", hidden: true });

  async function showNetwork(): Promise<void> {
    try {
      await session.model();
    } catch (error) {
      return notify("noModel", { error: messageOf(error) });
    }
    const found = await client.mapLayers();
    if (isFailure(found)) return notify("badLayer", { error: found.error });
    layers = found;
    exciting.hidden = true;
    drawing = drawNetwork(layers, (index) => chooseLayer(index));
    networkPlace.replaceChildren(drawing.element);
    if (layers.length === 0) return;
    // Early enough to show edges and colours, late enough to be more than the picture.
    layer = Math.min(4, layers.length - 1);
    drawing.choose(layer);
    await showMaps();
  }

  function chooseLayer(index: number): void {
    layer = index;
    drawing?.choose(index);
    exciting.hidden = true;
    client.stopExciting();
    showMaps();
  }

  async function showMaps(): Promise<void> {
    const chosen = layers[layer];
    if (!chosen || picture < 0) return;
    const mine = ++asked;
    const { name, kind, kernel, params, macs, height, width, channels } = chosen;
    say(heading, "maps", { layer: name });
    say(facts, kind === "sum" ? "sumFacts" : "layerFacts", {
      kind: text(`kind.${kind}`),
      kernel,
      params: params.toLocaleString("en-US"),
      macs: (macs / 1e6).toFixed(1),
      height,
      width,
      channels,
    });
    const maps = await client.mapsOf(picture, chosen.value);
    if (mine !== asked) return;
    if (isFailure(maps)) return notify("badLayer", { error: maps.error });
    grid.show(maps);
  }

  async function showExciting(channel: number): Promise<void> {
    const chosen = layers[layer];
    const mine = asked;
    const words = say(element("h2", { "aria-live": "polite" }), "excite", { channel, layer: chosen.name });
    const note = say(element("p", { class: "faint" }), "exciteText");
    const list = element("ul", { class: "exciting-list" });
    exciting.replaceChildren(words, note, list);
    exciting.hidden = false;
    await busy.during(async (signal, tell) => {
      let done = 0;
      signal.addEventListener("abort", () => client.stopExciting());
      const all = pictures.size;
      const told = telling((share: number) => {
        done = Math.round(share * all);
        tell(done, all, "looked");
      });
      const found = await client.excite(chosen.value, channel, told);
      if (mine !== asked) return;
      if (isFailure(found)) return notify("badLayer", { error: found.error });
      if (signal.aborted) say(note, "exciteStopped", { done, all });
      list.replaceChildren(...found.map(excitingItem));
    });
  }

  function excitingItem({ picture: number, strength, map }: Exciting): HTMLElement {
    const { name, url } = pictures.get(number)!;
    const heat = element("canvas", { "aria-hidden": "true" });
    drawHeat(heat, map);
    const frame = element("span", { class: "excited" }, element("img", { src: url, alt: name, title: name }), heat);
    return element("li", {}, frame, element("span", { class: "value faint" }, strength.toFixed(2)));
  }

  function choosePicture(number: number): void {
    picture = number;
    for (const button of strip.children) {
      button.setAttribute("aria-pressed", String(Number((button as HTMLElement).dataset.number) === number));
    }
    showMaps();
  }

  async function addPicture(file: Blob, name: string): Promise<string | undefined> {
    const seen = await client.addSeen(file);
    if (isFailure(seen)) return seen.error;
    const { number } = seen;
    pictures.set(number, { name, url: URL.createObjectURL(seen.picture) });
    const image = element("img", { src: pictures.get(number)!.url, alt: name, title: name, width: "72", height: "72" });
    const button = element("button", { type: "button", class: "sample", "data-number": String(number) }, image);
    button.addEventListener("click", () => choosePicture(number));
    button.setAttribute("aria-pressed", "false");
    strip.prepend(button);
    if (strip.children.length > STRIP) strip.lastElementChild?.remove();
    return undefined;
  }

  /** Sends the pool's new files to the worker. */
  async function addFromPool(): Promise<void> {
    let unread = 0;
    let first = "";
    await busy.during(async (signal, tell) => {
      const coming = pool.files.slice(given);
      for (const [i, file] of coming.entries()) {
        if (signal.aborted) break;
        const error = await addPicture(file, file.name);
        given++;
        tell(i + 1, coming.length, "looked");
        if (error !== undefined && unread++ === 0) first = error;
      }
      // Stopped files are not sent again.
      given = pool.files.length;
    });
    if (unread > 0) notify("unread", { count: unread, error: first });
  }

  async function take(files: readonly File[]): Promise<void> {
    const images = files.filter(({ type }) => type.startsWith("image/"));
    if (images.length === 0) return files[0] && openModel(session, files);
    pool.add(images);
    await addFromPool();
    const latest = Number((strip.firstElementChild as HTMLElement | null)?.dataset.number ?? -1);
    if (latest >= 0) choosePicture(latest);
  }

  async function begin(): Promise<void> {
    for (const { name, url } of [...samples].reverse()) {
      await addPicture(await (await fetch(url)).blob(), text(name));
    }
    choosePicture(Number((strip.firstElementChild as HTMLElement).dataset.number));
    await showNetwork();
    await addFromPool();
  }

  session.onModel(showNetwork);
  // Kinds of layers are words inside other texts.
  onLanguage(() => {
    if (layer < 0) return;
    drawing = drawNetwork(layers, (index) => chooseLayer(index));
    networkPlace.replaceChildren(drawing.element);
    drawing.choose(layer);
    showMaps();
  });
  const view = element(
    "div",
    { class: "features" },
    say(element("p", { class: "prose" }), "featuresText"),
    networkPlace,
    legend,
    say(element("p", { class: "faint" }), "drawingHelp"),
    element("div", { class: "actions" }, fileButton("addToThese", "image/*", take, true), busy.element),
    strip,
    exciting,
    heading,
    facts,
    say(element("p", { class: "faint" }), "mapsText"),
    grid.element,
  );
  let begun = false;
  return {
    element: view,
    take,
    shown() {
      if (begun) addFromPool();
      else begin();
      begun = true;
    },
    hidden: () => void client.stopExciting(),
  };
}
