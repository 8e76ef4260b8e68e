/** What recipes.test.ts calls in the page. */
import "../../recipes/page/classify-picture.ts";
import { createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { useClassifier } from "../../recipes/page/use-classifier.ts";

const until = async (isThere: () => boolean) => {
  for (let i = 0; i < 300 && !isThere(); i++) await new Promise((later) => setTimeout(later, 50));
};

/** The texts that a component with the hook shows, for one address after the other. */
export async function hook(weights: string, pictures: readonly string[]): Promise<string[]> {
  const place = document.createElement("div");
  document.body.append(place);
  const root = createRoot(place);
  function Shown({ address, picture }: { address: string; picture: string }) {
    const { predictions, error } = useClassifier(address, picture, 2);
    return createElement("p", null, error ? error.name : (predictions?.map(({ label }) => label).join() ?? ""));
  }
  const texts: string[] = [];
  const show = async (address: string, picture: string) => {
    const before = place.textContent;
    // Mounts, unmounts and mounts again: whatever an effect does has to be undone.
    root.render(createElement(StrictMode, null, createElement(Shown, { address, picture })));
    await until(() => place.textContent !== "" && place.textContent !== before);
    texts.push(place.textContent ?? "");
  };
  for (const picture of pictures) await show(weights, picture);
  await show("/none.safetensors", pictures[0]);
  root.unmount();
  return texts;
}

/** What the element shows and says, and its error. */
export async function element(weights: string, pictures: readonly string[]) {
  const shown = document.createElement("classify-picture");
  shown.setAttribute("weights", weights);
  shown.setAttribute("top", "2");
  const events: string[] = [];
  shown.addEventListener("predictions", (event) => events.push((event as CustomEvent).detail[0].label));
  shown.addEventListener("failure", (event) => events.push((event as CustomEvent).detail.name));
  const texts: string[] = [];
  document.body.append(shown);
  for (const picture of [...pictures, "/none.jpg"]) {
    const { length } = events;
    shown.setAttribute("src", picture);
    await until(() => events.length > length);
    texts.push([...(shown.shadowRoot?.querySelectorAll("li") ?? [])].map((item) => item.textContent).join());
  }
  shown.remove();
  return { texts, events };
}
