import { fileButton } from "../classify/inputs.ts";
import { element } from "../dom.ts";
import { say, sayLabel, text } from "../language.ts";
import type { Roster, Sample, TaughtClass } from "./roster.ts";

/** Samples shown in a card; the others are only counted. */
const SHOWN = 48;

export interface CardEvents {
  readonly onFiles: (to: TaughtClass, files: readonly File[]) => void;
  readonly onRecord: (to: TaughtClass, card: ClassCard) => void;
  readonly onRemoveSample: (from: TaughtClass, sample: Sample) => void;
  readonly onRemove: (one: TaughtClass) => void;
  readonly onRename: () => void;
}

export interface ClassCard {
  readonly element: HTMLElement;
  readonly of: TaughtClass;
  draw(): void;
  /** Shows the recording webcam; undefined hides it. */
  recording(video: HTMLVideoElement | undefined): void;
}

/** The card of a class: its name, its pictures, and ways to add more. */
export function makeClassCard(roster: Roster, one: TaughtClass, events: CardEvents): ClassCard {
  const name = sayLabel(element("input", { type: "text", class: "class-name", maxlength: "80" }), "className");
  name.value = one.name;
  name.addEventListener("change", () => {
    // A class needs a unique name.
    const wanted = name.value.trim();
    const taken = roster.classes.some((other) => other !== one && other.name === wanted);
    if (wanted !== "" && !taken) one.name = wanted;
    name.value = one.name;
    events.onRename();
  });
  const count = element("p", { class: "faint value" });
  const preview = element("div", { class: "preview", hidden: true });
  const samples = element("div", { class: "thumbs" });
  const more = element("p", { class: "faint" });
  const record = say(element("button", { type: "button", onclick: () => events.onRecord(one, card) }), "record");
  const remove = element("button", {
    type: "button",
    class: "quiet",
    onclick: () => {
      const question = text("confirmRemove", { name: one.name, count: one.samples.length });
      if (one.samples.length === 0 || confirm(question)) events.onRemove(one);
    },
  });

  const card: ClassCard = {
    of: one,
    element: element(
      "section",
      { class: "class" },
      element("div", { class: "class-head" }, name, say(remove, "removeClass")),
      count,
      element(
        "div",
        { class: "actions" },
        fileButton("addPictures", "image/*", (files) => events.onFiles(one, files), true),
        record,
      ),
      preview,
      samples,
      more,
    ),
    draw() {
      const held = roster.heldOut(one);
      say(count, "classCount", { count: one.samples.length, held: held.size });
      const latest = one.samples.slice(-SHOWN).reverse();
      samples.replaceChildren(...latest.map((sample) => thumb(sample, held.has(sample.number))));
      if (latest.length === 0) samples.append(say(element("p", { class: "faint empty" }), "dropHere"));
      const hidden = one.samples.length - latest.length;
      more.hidden = hidden === 0;
      say(more, "morePictures", { count: hidden });
    },
    recording(video) {
      preview.hidden = video === undefined;
      preview.replaceChildren(...(video ? [video] : []));
      say(record, video ? "stopRecording" : "record");
    },
  };

  function thumb(sample: Sample, isHeldOut: boolean): HTMLElement {
    const alt = isHeldOut ? text("heldOutPicture", { name: sample.name }) : sample.name;
    const image = element("img", { src: sample.url, alt, title: alt, loading: "lazy", decoding: "async" });
    const away = element("button", {
      type: "button",
      class: "away",
      onclick: () => events.onRemoveSample(one, sample),
    });
    sayLabel(away, "removePicture", { name: sample.name });
    away.append("×");
    return element("div", { class: isHeldOut ? "thumb held" : "thumb" }, image, away);
  }

  card.draw();
  return card;
}
