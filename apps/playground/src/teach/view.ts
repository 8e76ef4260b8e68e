import { CameraError } from "../classify/camera.ts";
import { fileButton } from "../classify/inputs.ts";
import { openModel } from "../classify/model-panel.ts";
import { element } from "../dom.ts";
import { messageOf, say, text } from "../language.ts";
import { saveFile } from "../save-file.ts";
import type { Session } from "../session.ts";
import { isSessionFile } from "../session-mark.ts";
import { makeBusy } from "../shell/busy.ts";
import { folderOf } from "../shell/incoming.ts";
import { notify } from "../shell/notices.ts";
import type { View } from "../shell/view.ts";
import { isFailure } from "../worker/api.ts";
import { handOver, telling } from "../worker/client.ts";
import type { LessonProgress } from "../worker/teacher/api.ts";
import { type ClassCard, makeClassCard } from "./class-card.ts";
import { makeExportPanel } from "./export-panel.ts";
import { makeLessonPanel } from "./lesson-panel.ts";
import { type Recording, record } from "./recorder.ts";
import { makeReport } from "./report.ts";
import { Roster, type TaughtClass } from "./roster.ts";
import { makeTryPanel } from "./try-panel.ts";
import "./style.css";

/** Milliseconds between redraws of a card while pictures arrive. */
const REDRAW = 200;

/** The teaching view: classes by examples, taught to the network on this device. */
export function teachView(session: Session): View {
  const { client } = session;
  const roster = new Roster();
  const cards = new Map<TaughtClass, ClassCard>();
  const list = element("div", { class: "classes" });
  const busy = makeBusy();
  const report = makeReport(roster);
  const tryPanel = makeTryPanel(session, roster);
  const exportPanel = makeExportPanel(session);
  const lessonPanel = makeLessonPanel(session, roster, report, (classes) => {
    exportPanel.offer(classes);
    showTaught(classes.length > 0);
  });
  let recording: { readonly of: TaughtClass; readonly run: Recording } | undefined;
  /** Number of the current recording, whose frames form one group. */
  let recordings = 0;
  let drawn = 0;

  function showTaught(isTaught: boolean): void {
    tryPanel.element.hidden = !isTaught;
    exportPanel.element.hidden = !isTaught;
  }

  function cardOf(one: TaughtClass): ClassCard {
    const known = cards.get(one);
    if (known) return known;
    const card = makeClassCard(roster, one, {
      onFiles: (to, files) => takePictures(files.map((file) => ({ file, to }))),
      onRecord: toggleRecording,
      onRename: () => lessonPanel.changed(),
      onRemoveSample(from, sample) {
        roster.removeSample(from, sample);
        client.removeExamples([sample.number]);
        card.draw();
        lessonPanel.changed();
      },
      onRemove(gone) {
        if (recording?.of === gone) stopRecording();
        client.removeExamples(gone.samples.map(({ number }) => number));
        roster.removeClass(gone);
        cards.delete(gone);
        card.element.remove();
        lessonPanel.changed();
      },
    });
    cards.set(one, card);
    list.append(card.element);
    return card;
  }

  function redraw(card: ClassCard, now = false): void {
    if (!now && performance.now() - drawn < REDRAW) return;
    drawn = performance.now();
    card.draw();
  }

  /** Adds pictures one after another; it counts and names files that are no pictures. */
  async function takePictures(incoming: readonly { readonly file: File; readonly to: TaughtClass }[]): Promise<void> {
    try {
      await session.model();
    } catch (error) {
      return notify("noModel", { error: messageOf(error) });
    }
    for (const { to } of incoming) cardOf(to);
    let unread = 0;
    let first = "";
    await busy.during(async (signal, tell) => {
      for (const [i, { file, to }] of incoming.entries()) {
        if (signal.aborted) break;
        const added = await client.addExample(file);
        tell(i + 1, incoming.length, "takenPictures");
        if (isFailure(added)) {
          if (unread++ === 0) first = added.error;
          continue;
        }
        roster.add(to, added.number, file.name, groupOf(file), added.picture);
        redraw(cardOf(to));
        lessonPanel.changed();
      }
    });
    for (const to of new Set(incoming.map((one) => one.to))) redraw(cardOf(to), true);
    if (unread > 0) notify("unread", { count: unread, error: first });
  }

  async function toggleRecording(of: TaughtClass, card: ClassCard): Promise<void> {
    const isOwn = recording?.of === of;
    stopRecording();
    if (isOwn) return;
    const group = `recording ${Date.now()} ${++recordings}`;
    try {
      await session.model();
      const run = await record(async (frame) => {
        const added = await client.addExample(handOver(frame));
        if (isFailure(added)) {
          stopRecording();
          return notify("badPicture", { error: added.error });
        }
        roster.add(of, added.number, text("className"), group, added.picture);
        card.draw();
        lessonPanel.changed();
      }, endRecording);
      recording = { of, run };
      card.recording(run.video);
    } catch (error) {
      if (error instanceof CameraError) notify(error.key);
      else notify("noModel", { error: messageOf(error) });
    }
  }

  function endRecording(): void {
    stopRecording();
    notify("cameraEnded");
  }

  function stopRecording(): void {
    if (!recording) return;
    recording.run.stop();
    cards.get(recording.of)?.recording(undefined);
    recording = undefined;
  }

  async function take(files: readonly File[], at?: Element): Promise<void> {
    const pictures = files.filter(({ type }) => type.startsWith("image/"));
    const [first] = files;
    if (pictures.length === 0) {
      if (first === undefined) return;
      return (await isSessionFile(first)) ? open(first) : openModel(session, files);
    }
    const under = [...cards.values()].find((card) => card.element.contains(at ?? null))?.of;
    const placed = pictures.flatMap((file) => {
      const folder = folderOf(file);
      if (under) return [{ file, to: under }];
      return folder === undefined ? [] : [{ file, to: roster.classOf(folder) }];
    });
    if (placed.length > 0) {
      dropEmpty();
      return takePictures(placed);
    }
    if (!tryPanel.element.hidden && pictures.length === 1) return tryPanel.ask(pictures[0]);
    notify("whichClass");
  }

  /** Removes the initial empty classes, which classes of folders replace. */
  function dropEmpty(): void {
    for (const [one, card] of [...cards]) {
      if (one.samples.length > 0) continue;
      roster.removeClass(one);
      cards.delete(one);
      card.element.remove();
    }
  }

  async function open(file: File): Promise<void> {
    stopRecording();
    await busy.during(async (signal, tell) => {
      signal.addEventListener("abort", () => client.stopTeaching());
      tell(0, 1, "openingSession");
      const tellShare = telling(({ done }: LessonProgress) => tell(done, 1, "openingSession"));
      const opened = await client.openSession(file, session.own, tellShare);
      if (isFailure(opened)) return notify("badSession", { error: opened.error });
      const { session: found, facts } = opened;
      lessonPanel.ignoringModel(() => session.replaced(facts));
      const old = roster.classes.flatMap(({ samples }) => samples.map(({ number }) => number));
      await client.removeExamples(old);
      roster.replace(found);
      cards.clear();
      list.replaceChildren();
      for (const one of roster.classes) cardOf(one);
      lessonPanel.opened(found.taught);
      if (found.missing > 0) notify("sessionStopped", { count: found.missing });
    });
  }

  async function save(): Promise<void> {
    await busy.during(async (_, tell) => {
      tell(0, 1, "savingSession");
      const file = await client.saveSession(roster.plan());
      if (isFailure(file)) return notify("badExport", { error: file.error });
      saveFile(file, "taught.session.safetensors");
    });
  }

  cardOf(roster.classOf());
  cardOf(roster.classOf());
  const folders = fileButton("chooseFolders", "", (files) => take(files), true);
  folders.querySelector("input")!.webkitdirectory = true;
  const add = element("button", {
    type: "button",
    onclick: () => cardOf(roster.classOf()).element.querySelector("input")?.focus(),
  });
  const view = element(
    "div",
    { class: "teach" },
    say(element("p", { class: "prose" }), "teachText"),
    element(
      "div",
      { class: "actions" },
      say(add, "addClass"),
      folders,
      fileButton("openSession", ".safetensors", ([file]) => open(file)),
      say(element("button", { type: "button", onclick: save }), "saveSession"),
      busy.element,
    ),
    list,
    say(element("p", { class: "faint prose" }), "heldOutText"),
    lessonPanel.element,
    tryPanel.element,
    exportPanel.element,
  );
  return {
    element: view,
    take,
    hidden() {
      stopRecording();
      tryPanel.stop();
    },
  };
}

/** The group of a file: each file counts as a separate photograph. */
const groupOf = (file: File) => `${folderOf(file) ?? ""}/${file.name} ${file.size}`;
