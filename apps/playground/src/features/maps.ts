import { element } from "../dom.ts";
import { say, sayLabel } from "../language.ts";
import type { LayerMaps } from "../worker/looker/api.ts";
import { drawMap } from "./colour.ts";

/** Maps drawn at a time. */
const STEP = 48;

export interface MapGrid {
  readonly element: HTMLElement;
  show(maps: LayerMaps): void;
}

/** The channels of a layer as small pictures, the strongest first. */
export function makeMapGrid(onChoose: (channel: number) => void): MapGrid {
  const grid = element("div", { class: "maps" });
  const more = element("button", { type: "button", hidden: true, onclick: () => draw() });
  let maps: LayerMaps | undefined;
  let drawn = 0;

  function draw(): void {
    if (!maps) return;
    const { order, strengths, data, width, height } = maps;
    const channels = order.length;
    for (const channel of order.slice(drawn, drawn + STEP)) {
      const values = Float32Array.from({ length: width * height }, (_, i) => data[i * channels + channel]);
      const canvas = element("canvas", { "aria-hidden": "true" });
      const most = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      drawMap(canvas, values, width, height, most);
      const button = element(
        "button",
        { type: "button", class: "map-button", "data-channel": String(channel) },
        canvas,
      );
      button.addEventListener("click", () => {
        for (const other of grid.children) other.setAttribute("aria-pressed", String(other === button));
        onChoose(channel);
      });
      button.setAttribute("aria-pressed", "false");
      button.append(element("span", { class: "value" }, String(channel)));
      grid.append(sayLabel(button, "channelLabel", { channel, strength: strengths[channel].toFixed(2) }));
    }
    drawn = Math.min(channels, drawn + STEP);
    more.hidden = drawn === channels;
    say(more, "showMore", { count: Math.min(STEP, channels - drawn) });
  }

  return {
    element: element("div", {}, grid, more),
    show(next) {
      maps = next;
      drawn = 0;
      grid.replaceChildren();
      draw();
    },
  };
}
