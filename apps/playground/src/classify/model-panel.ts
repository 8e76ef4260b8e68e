import { element } from "../dom.ts";
import { messageOf, say } from "../language.ts";
import type { Session } from "../session.ts";
import { notify } from "../shell/notices.ts";
import { fileButton } from "./inputs.ts";

const millions = (count: number) => (count / 1e6).toFixed(1);

/** The current network, and a way to open another. */
export function modelPanel(session: Session): HTMLElement {
  const facts = say(element("p", { class: "facts" }), "loading");
  async function show(): Promise<void> {
    try {
      const { name, params, macs, height, width } = await session.model();
      say(facts, "modelFacts", { name, params: millions(params), macs: millions(macs), height, width });
    } catch {
      facts.textContent = "–";
    }
  }
  session.onModel(show);
  show();
  return element(
    "section",
    { class: "model" },
    say(element("h2"), "model"),
    facts,
    fileButton("modelFile", "", (files) => openModel(session, files), true),
    say(element("p", { class: "faint" }), "modelFormats"),
    say(element("p", { class: "faint", hidden: globalThis.crossOriginIsolated }), "oneThreadOnly"),
  );
}

/** Opens a weight file with its companions, or shows the error. */
export async function openModel(session: Session, files: readonly File[]): Promise<void> {
  try {
    const { notes } = await session.open(files);
    if (notes.length > 0) notify("modelNotes", { notes: notes.join(" ") });
  } catch (error) {
    notify("badModel", { error: messageOf(error) });
  }
}
