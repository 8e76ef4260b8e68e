import { element } from "../dom.ts";
import { messageOf, say } from "../language.ts";
import { samples } from "../samples.ts";
import type { Session } from "../session.ts";
import { notify } from "../shell/notices.ts";
import type { View } from "../shell/view.ts";
import { type Answer, type Failure, isFailure, type Seen } from "../worker/api.ts";
import { handOver } from "../worker/client.ts";
import { makeBars } from "./bars.ts";
import { CameraError, closeCamera, openCamera } from "./camera.ts";
import { follow } from "./frames.ts";
import { fileButton, sampleStrip } from "./inputs.ts";
import { Meter, teller } from "./meter.ts";
import { modelPanel, openModel } from "./model-panel.ts";
import { makeStage } from "./stage.ts";

/** The best five classes of a picture or webcam, with the evidence for them. */
export function classifyView(session: Session): View {
  const { client } = session;
  const stage = makeStage();
  let seen: readonly Seen[] = [];
  const bars = makeBars(() => showEvidence());
  const status = element("p", { class: "status", role: "status" });
  const time = element("b", {}, "–");
  const rate = element("b", {}, "–");
  const evidence = element("input", { type: "checkbox", checked: true, onchange: () => showEvidence() });
  const aboutEvidence = say(element("p", { class: "faint" }), "evidence");
  const cameraButton = say(element("button", { type: "button", onclick: () => toggleCamera() }), "camera");
  let video: HTMLVideoElement | undefined;
  /** The current picture, which is classified again when the model changes. */
  let shown: Blob | undefined;
  /** Counts questions: an answer that comes after the next question is ignored. */
  let asked = 0;

  function showEvidence(): void {
    stage.showEvidence(evidence.checked ? (seen[bars.chosen()]?.map ?? null) : null);
  }

  function showAnswer(next: readonly Seen[], milliseconds: number): void {
    seen = next;
    bars.show(seen);
    time.textContent = milliseconds.toFixed(1);
    say(aboutEvidence, seen.length > 0 && seen[0].map === null ? "noEvidence" : "evidence");
    showEvidence();
  }

  async function ask(picture: Blob): Promise<void> {
    const mine = ++asked;
    stopCamera();
    try {
      await stage.showPicture(URL.createObjectURL(picture));
    } catch {
      // The library may read what the browser cannot show; otherwise it reports an error.
    }
    if (mine !== asked) return;
    say(status, "loading");
    try {
      const facts = await session.model();
      if (facts.classes === 0) return notify("notClassifier", { name: facts.name });
    } catch (error) {
      return notify("noModel", { error: messageOf(error) });
    }
    if (mine !== asked) return;
    say(status, "working");
    const answer = await client.classify(picture);
    if (mine !== asked) return;
    if (isFailure(answer)) {
      status.textContent = "";
      return notify("badPicture", { error: answer.error });
    }
    shown = picture;
    showAnswer(answer.seen, answer.milliseconds);
    say(status, "ready", { label: answer.seen[0].label });
  }

  async function askSample(url: string): Promise<void> {
    try {
      await ask(await (await fetch(url)).blob());
    } catch (error) {
      notify("badPicture", { error: messageOf(error) });
    }
  }

  async function toggleCamera(): Promise<void> {
    if (video) return stopCamera();
    const mine = ++asked;
    try {
      const facts = await session.model();
      if (facts.classes === 0) return notify("notClassifier", { name: facts.name });
      const opened = await openCamera(() => {
        stopCamera();
        notify("cameraEnded");
      });
      if (mine !== asked) return closeCamera(opened);
      video = opened;
    } catch (error) {
      if (error instanceof CameraError) notify(error.key);
      else notify("noModel", { error: messageOf(error) });
      return;
    }
    status.textContent = "";
    stage.showVideo(video);
    say(cameraButton, "stopCamera");
    view.classList.add("live");
    run(video, new Meter());
  }

  /** Classifies frames as fast as the model answers. */
  function run(source: HTMLVideoElement, meter: Meter): Promise<void> {
    const tell = teller((label) => say(status, "seeing", { label }));
    return follow<Answer | Failure>(
      source,
      (frame) => client.classify(handOver(frame)),
      (answer) => {
        if (video !== source) return false;
        if (isFailure(answer)) {
          stopCamera();
          notify("badPicture", { error: answer.error });
          return false;
        }
        showAnswer(answer.seen, answer.milliseconds);
        const now = performance.now();
        rate.textContent = meter.count(now).toFixed(0);
        tell(answer.seen[0].label, now);
        return true;
      },
    );
  }

  function stopCamera(): void {
    if (!video) return;
    closeCamera(video);
    video = undefined;
    rate.textContent = "–";
    say(cameraButton, "camera");
    view.classList.remove("live");
    status.textContent = "";
  }

  session.onModel(() => {
    if (shown && !video) ask(shown);
  });

  const number = (value: HTMLElement, unit: string, words: HTMLElement) =>
    element("div", {}, element("span", { class: "number" }, value, unit), words);
  const view = element(
    "div",
    { class: "classify" },
    element(
      "div",
      { class: "picture" },
      stage.element,
      element(
        "div",
        { class: "actions" },
        fileButton("choose", "image/*", ([file]) => ask(file)),
        cameraButton,
      ),
      sampleStrip(askSample),
      say(element("p", { class: "faint hint" }), "dropHint"),
    ),
    element(
      "div",
      { class: "result" },
      say(element("h2"), "answer"),
      bars.element,
      status,
      element(
        "div",
        { class: "numbers" },
        number(time, " ms", say(element("span", { class: "faint" }), "perPicture")),
        number(rate, "", say(element("span", { class: "faint" }), "perSecond")),
      ),
      element("label", { class: "check" }, evidence, say(element("span"), "showEvidence")),
      aboutEvidence,
      modelPanel(session),
    ),
  );
  askSample(samples[0].url);
  return {
    element: view,
    take(files) {
      const pictures = files.filter(({ type }) => type.startsWith("image/"));
      if (pictures.length > 1) notify("onlyFirst", { count: pictures.length, name: pictures[0].name });
      if (pictures.length > 0) ask(pictures[0]);
      else if (files.length > 0) openModel(session, files);
    },
    hidden: stopCamera,
  };
}
