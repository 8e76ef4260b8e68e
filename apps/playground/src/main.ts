import { classifyView } from "./classify/view.ts";
import { element } from "./dom.ts";
import { applyLanguage, currentLanguage, say, sayLabel, setLanguage } from "./language.ts";
import { startSession } from "./session.ts";
import { watchFiles } from "./shell/incoming.ts";
import { notices } from "./shell/notices.ts";
import { makeTabs } from "./shell/tabs.ts";

const session = startSession();
const tabs = makeTabs([
  { id: "classify", open: async () => classifyView(session) },
  { id: "features", open: async () => (await import("./features/view.ts")).featuresView(session) },
  { id: "teach", open: async () => (await import("./teach/view.ts")).teachView(session) },
  { id: "similar", open: async () => (await import("./similar/view.ts")).similarView(session) },
  { id: "why", open: async () => (await import("./why/view.ts")).whyView() },
  { id: "device", open: async () => (await import("./device/view.ts")).deviceView(session) },
]);

const switchLanguage = element("button", {
  type: "button",
  class: "quiet",
  onclick: () => setLanguage(currentLanguage() === "en" ? "zh" : "en"),
});
const header = element(
  "header",
  {},
  element(
    "div",
    { class: "bar" },
    say(element("span", { class: "name" }), "title"),
    sayLabel(say(switchLanguage, "language"), "languageLabel"),
  ),
  say(element("h1"), "claim"),
  say(element("p", { class: "faint" }), "privacy"),
  tabs.list,
);
document.getElementById("app")!.append(header, element("main", {}, tabs.panels), notices);
applyLanguage();
tabs.start();
watchFiles((files, at) => tabs.current()?.take?.(files, at));

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // The page works without it, but requests its files again.
  navigator.serviceWorker.register("service-worker.js").catch(() => {});
}
