import { CameraError, closeCamera, openCamera } from "../classify/camera.ts";
import { follow } from "../classify/frames.ts";
import { fileButton } from "../classify/inputs.ts";
import { element } from "../dom.ts";
import { messageOf, say, sayLabel } from "../language.ts";
import type { Session } from "../session.ts";
import { notify } from "../shell/notices.ts";
import { type Failure, isFailure } from "../worker/api.ts";
import { handOver } from "../worker/client.ts";
import type { TaughtAnswer } from "../worker/teacher/api.ts";
import { nearRow } from "./near.ts";
import type { Roster } from "./roster.ts";

/** Classes shown. */
const MOST = 8;

export interface TryPanel {
  readonly element: HTMLElement;
  ask(file: File): Promise<void>;
  stop(): void;
}

/** Asks the taught network about pictures and the webcam, and shows similar training examples. */
export function makeTryPanel(session: Session, roster: Roster): TryPanel {
  const { client } = session;
  const frame = sayLabel(element("div", { class: "tried", role: "img" }), "triedPicture");
  const bars = element("ol", { class: "bars" });
  const near = element("div");
  const time = element("p", { class: "faint value", role: "status" });
  const camera = say(element("button", { type: "button", onclick: () => toggle() }), "camera");
  let video: HTMLVideoElement | undefined;
  let url = "";

  function show({ seen, nearest, milliseconds }: TaughtAnswer): void {
    bars.replaceChildren(
      ...seen.slice(0, MOST).map(({ label, probability }) => {
        const fill = element("span", { class: "fill" });
        fill.style.transform = `scaleX(${Math.min(1, Math.max(0, probability))})`;
        const name = element("span", { class: "label" }, label);
        const value = element("span", { class: "value" }, `${(100 * probability).toFixed(1)} %`);
        return element("li", {}, element("div", { class: "row" }, fill, name, value));
      }),
    );
    near.replaceChildren(nearRow(roster, nearest));
    time.textContent = `${milliseconds.toFixed(1)} ms`;
  }

  async function ask(file: File): Promise<void> {
    stop();
    const answer = await client.askTaught(file);
    if (isFailure(answer)) return notify("badPicture", { error: answer.error });
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(file);
    frame.replaceChildren(element("img", { src: url, alt: "" }));
    show(answer);
  }

  async function toggle(): Promise<void> {
    if (video) return stop();
    try {
      video = await openCamera(() => {
        stop();
        notify("cameraEnded");
      });
    } catch (error) {
      return error instanceof CameraError ? notify(error.key) : notify("badPicture", { error: messageOf(error) });
    }
    frame.replaceChildren(video);
    say(camera, "stopCamera");
    const source = video;
    await follow<TaughtAnswer | Failure>(
      source,
      (frame) => client.askTaught(handOver(frame)),
      (answer) => {
        if (video !== source) return false;
        if (isFailure(answer)) {
          stop();
          notify("badPicture", { error: answer.error });
          return false;
        }
        show(answer);
        return true;
      },
    );
  }

  function stop(): void {
    if (!video) return;
    closeCamera(video);
    video = undefined;
    say(camera, "camera");
  }

  return {
    element: element(
      "section",
      { class: "try", hidden: true },
      say(element("h2"), "tryIt"),
      say(element("p", { class: "faint" }), "tryText"),
      element(
        "div",
        { class: "actions" },
        fileButton("tryPicture", "image/*", ([file]) => ask(file)),
        camera,
      ),
      element("div", { class: "answer" }, frame, element("div", {}, bars, time, near)),
    ),
    ask,
    stop,
  };
}
