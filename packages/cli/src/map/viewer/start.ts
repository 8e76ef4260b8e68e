import { readMapData } from "./data.ts";
import { type Frame, makePainter } from "./painter.ts";
import { makePanel } from "./panel.ts";
import { makeSmallPictures } from "./small-pictures.ts";

/** The script of a map's page. */

/** The parts of d3-zoom, d3-selection and d3-transition that are used here. The page contains the libraries. */
interface Transform {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}
interface Selection {
  call(does: unknown, ...more: readonly unknown[]): Selection;
  transition(): Selection;
  duration(ms: number): Selection;
}
interface Zoom {
  scaleExtent(extent: readonly [number, number]): Zoom;
  clickDistance(pixels: number): Zoom;
  on(type: string, listener: (event: { readonly transform: Transform }) => void): Zoom;
  readonly transform: unknown;
  readonly scaleBy: unknown;
  readonly translateBy: unknown;
}
declare const d3: {
  zoom(): Zoom;
  select(element: Element): Selection;
  readonly zoomIdentity: { translate(x: number, y: number): { scale(k: number): Transform } } & Transform;
};

/** Starts the page: draws the map, and handles the mouse, the keys, the buttons and the search. */
export function startMap(): void {
  const [MARGIN, TOOLS] = [24, 48];
  const data = readMapData();
  const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
  const [stage, front, status, search] = [
    find("stage"),
    find<HTMLCanvasElement>("front"),
    find("status"),
    find<HTMLInputElement>("search"),
  ];
  let transform: Transform = d3.zoomIdentity;
  let chosen: number | undefined;
  let isWaiting = false;
  let home = wholeMap();
  const small = makeSmallPictures(data, schedule);
  const painter = makePainter(data, small, find<HTMLCanvasElement>("dots"), front);
  const panel = makePanel(data, small, (i) => choose(i, true));

  /** Position of the whole map in the middle, before any move. An opened panel does not change it. */
  function wholeMap(): Frame {
    const [width, height] = [front.clientWidth, front.clientHeight];
    const extents = [0, 1].map((axis) => {
      let [least, most] = [65_535, 0];
      for (let i = axis; i < data.places.length; i += 2) {
        [least, most] = [Math.min(least, data.places[i]), Math.max(most, data.places[i])];
      }
      return { middle: (least + most) / 2 / 65_535, extent: Math.max(0.05, (most - least) / 65_535) };
    });
    const room = [width - 2 * MARGIN, height - 2 * MARGIN - TOOLS];
    const side = Math.max(64, Math.min(...extents.map(({ extent }, axis) => room[axis] / extent)));
    const [x, y] = extents.map(({ middle }) => middle * side);
    return { left: width / 2 - x, top: (height + TOOLS) / 2 - y, side };
  }

  function schedule(): void {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      const { left, top, side } = home;
      const { x, y, k } = transform;
      const isAimed = document.activeElement === front && front.matches(":focus-visible");
      const shown = painter.paint({ left: x + k * left, top: y + k * top, side: k * side }, chosen, isAimed);
      const all = data.count.toLocaleString("en-US");
      status.textContent = `${shown.toLocaleString("en-US")} of ${all} pictures are shown${shown < data.count ? "; closer, there are more" : ""}.`;
    });
  }

  // At this scale, neighbours in a map of 50,000 pictures are some hundred pixels apart.
  const deepest = Math.max(8, 4 * Math.sqrt(data.count));
  const zoom = d3
    .zoom()
    .scaleExtent([0.5, deepest])
    .clickDistance(4)
    .on("zoom", (event) => {
      transform = event.transform;
      schedule();
    });
  const selection = d3.select(front).call(zoom);
  const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const moving = () => selection.transition().duration(isCalm() ? 0 : 350);

  function choose(i: number | undefined, isToMove: boolean): void {
    chosen = i;
    panel.show(i);
    if (i !== undefined && (isToMove || !isSeen(i))) flyTo(i, isToMove);
    schedule();
  }

  /** Position of a picture before any move. */
  function placeOf(i: number): readonly [x: number, y: number] {
    const { left, top, side } = home;
    return [left + (data.places[2 * i] / 65_535) * side, top + (data.places[2 * i + 1] / 65_535) * side];
  }

  function isSeen(i: number): boolean {
    const [x, y] = placeOf(i);
    const { x: moveX, y: moveY, k } = transform;
    const [left, top] = [moveX + k * x, moveY + k * y];
    return left > MARGIN && top > MARGIN && left < front.clientWidth - MARGIN && top < front.clientHeight - MARGIN;
  }

  function flyTo(i: number, isCloser: boolean): void {
    const [x, y] = placeOf(i);
    const k = isCloser ? Math.max(transform.k, Math.min(deepest, Math.sqrt(data.count) / 6)) : transform.k;
    const [middleX, middleY] = [front.clientWidth / 2, front.clientHeight / 2];
    moving().call(zoom.transform, d3.zoomIdentity.translate(middleX - k * x, middleY - k * y).scale(k));
  }

  function showAll(): void {
    home = wholeMap();
    moving().call(zoom.transform, d3.zoomIdentity);
  }

  front.addEventListener("click", (event) => {
    const { left, top } = front.getBoundingClientRect();
    choose(painter.at(event.clientX - left, event.clientY - top), false);
  });
  front.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const { left, top } = front.getBoundingClientRect();
    const i = painter.at(event.clientX - left, event.clientY - top);
    front.title = i === undefined ? "" : data.names[i];
    front.style.cursor = i === undefined ? "grab" : "pointer";
  });
  const step = 80;
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => selection.call(zoom.translateBy, step / transform.k, 0),
    ArrowRight: () => selection.call(zoom.translateBy, -step / transform.k, 0),
    ArrowUp: () => selection.call(zoom.translateBy, 0, step / transform.k),
    ArrowDown: () => selection.call(zoom.translateBy, 0, -step / transform.k),
    "+": () => moving().call(zoom.scaleBy, 2),
    "=": () => moving().call(zoom.scaleBy, 2),
    "-": () => moving().call(zoom.scaleBy, 0.5),
    "0": showAll,
    Home: showAll,
    Enter: () => choose(painter.at(front.clientWidth / 2, front.clientHeight / 2, true), false),
  };
  front.addEventListener("keydown", (event) => {
    const does = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!does) return;
    event.preventDefault();
    does();
    schedule();
  });
  for (const type of ["focus", "blur"]) front.addEventListener(type, schedule);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || chosen === undefined) return;
    choose(undefined, false);
    front.focus();
  });
  find("closer").onclick = keys["+"];
  find("farther").onclick = keys["-"];
  find("all").onclick = showAll;
  find("close").onclick = () => choose(undefined, false);

  /** Chooses the next picture with the text in its name, after the chosen one. */
  find<HTMLFormElement>("find").onsubmit = (event) => {
    event.preventDefault();
    const text = search.value.trim().toLowerCase();
    const from = (chosen ?? -1) + 1;
    for (let k = 0; text !== "" && k < data.count; k++) {
      const i = (from + k) % data.count;
      if (data.names[i].toLowerCase().includes(text)) return choose(i, true);
    }
    search.setCustomValidity(text === "" ? "" : "No picture's name has this.");
    search.reportValidity();
  };
  search.oninput = () => search.setCustomValidity("");
  new ResizeObserver(schedule).observe(stage);
  addEventListener("resize", () => {
    home = wholeMap();
    schedule();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schedule);
  schedule();
}
