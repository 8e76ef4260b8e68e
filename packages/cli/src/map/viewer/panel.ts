import type { MapData } from "./data.ts";
import type { SmallPictures } from "./small-pictures.ts";

export interface Panel {
  /** Shows a picture and its neighbours. Hides the panel for undefined. */
  show(chosen: number | undefined): void;
}

/** Makes the panel beside the map. */
export function makePanel(data: MapData, small: SmallPictures, choose: (i: number) => void): Panel {
  const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
  const [panel, whole, name, near] = [find("panel"), find<HTMLAnchorElement>("whole"), find("name"), find("near")];

  /** The picture's URL. Undefined if a page cannot show it, such as a picture in an archive. */
  function addressOf(path: string): string | undefined {
    if (/^https?:/.test(path)) return path;
    if (/^[a-z0-9]+:\/\//i.test(path)) return undefined;
    const address = path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
    return /^([a-z]:)?[/\\]/i.test(path) ? `file://${address.replace(/^(?!\/)/, "/")}` : data.base + address;
  }

  function smallCanvas(i: number, side: number): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const draw = () => {
      const context = canvas.getContext("2d")!;
      context.clearRect(0, 0, side, side);
      small.draw(context, i, side / 2, side / 2, side);
    };
    draw();
    small.whenThere(i, draw);
    return canvas;
  }

  function large(i: number): HTMLElement {
    const canvas = smallCanvas(i, 256);
    const address = addressOf(data.names[i]);
    if (address === undefined) return canvas;
    const image = new Image();
    image.alt = data.names[i];
    image.onload = () => canvas.replaceWith(image);
    image.src = address;
    whole.href = address;
    return canvas;
  }

  function show(chosen: number | undefined): void {
    panel.hidden = chosen === undefined;
    if (chosen === undefined) return;
    whole.removeAttribute("href");
    whole.replaceChildren(large(chosen));
    name.textContent = data.names[chosen];
    const items = Array.from({ length: data.each }, (_, k) => {
      const at = chosen * data.each + k;
      const i = data.neighbours[at];
      const item = document.createElement("li");
      const button = document.createElement("button");
      const [value, path] = [document.createElement("b"), document.createElement("span")];
      value.textContent = (data.similarities[at] / 32_767).toFixed(2);
      path.textContent = data.names[i].split(/[/\\]/).slice(-2).join("/");
      button.type = "button";
      button.title = data.names[i];
      button.append(smallCanvas(i, 128), value, path);
      button.onclick = () => choose(i);
      item.append(button);
      return item;
    });
    near.replaceChildren(...items);
    panel.scrollTop = 0;
  }

  return { show };
}
