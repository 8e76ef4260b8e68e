import { element } from "../dom.ts";
import { say, sayLabel } from "../language.ts";
import type { Key } from "../strings.ts";
import type { View } from "./view.ts";

export interface Tab {
  readonly id: Key;
  /** Called when the tab is first shown, so that unused views are not loaded. */
  readonly open: () => Promise<View>;
}

export interface Tabs {
  readonly list: HTMLElement;
  readonly panels: HTMLElement;
  /** The view of the current tab, if it is loaded. */
  current(): View | undefined;
  /** Shows the tab in the address, or the first. */
  start(): void;
}

/** Tabs by the ARIA practices: one stop of the Tab key, and arrow keys between them. */
export function makeTabs(tabs: readonly Tab[]): Tabs {
  const views = new Map<string, Promise<View>>();
  const shown: { id?: string; view?: View } = {};
  const list = sayLabel(element("div", { role: "tablist", class: "tabs" }), "views");
  const panels = element("div");
  for (const { id } of tabs) {
    const button = element("button", {
      type: "button",
      role: "tab",
      id: `tab-${id}`,
      "aria-controls": `panel-${id}`,
      onclick: () => select(id),
    });
    list.append(say(button, id));
    panels.append(
      element("section", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, hidden: true }),
    );
  }
  list.addEventListener("keydown", (event) => {
    const at = tabs.findIndex(({ id }) => id === shown.id);
    const last = tabs.length - 1;
    const moves: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const next = tabs[moves[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    select(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  });

  async function select(id: string): Promise<void> {
    const tab = tabs.find((one) => one.id === id) ?? tabs[0];
    if (tab.id === shown.id) return;
    shown.view?.hidden?.();
    shown.id = tab.id;
    shown.view = undefined;
    history.replaceState(null, "", `#${tab.id}`);
    for (const { id: other } of tabs) {
      const isShown = other === tab.id;
      const button = list.querySelector(`#tab-${other}`)!;
      button.setAttribute("aria-selected", String(isShown));
      button.setAttribute("tabindex", isShown ? "0" : "-1");
      // A phone does not show all tabs.
      if (isShown) button.scrollIntoView({ block: "nearest", inline: "nearest" });
      panels.querySelector<HTMLElement>(`#panel-${other}`)!.hidden = !isShown;
    }
    const opened = views.get(tab.id) ?? tab.open();
    views.set(tab.id, opened);
    const view = await opened;
    const panel = panels.querySelector(`#panel-${tab.id}`)!;
    if (!panel.contains(view.element)) panel.append(view.element);
    // The user may have chosen another tab meanwhile.
    if (shown.id !== tab.id) return;
    shown.view = view;
    view.shown?.();
  }

  return {
    list,
    panels,
    current: () => shown.view,
    start() {
      window.addEventListener("hashchange", () => select(location.hash.slice(1)));
      select(location.hash.slice(1));
    },
  };
}
