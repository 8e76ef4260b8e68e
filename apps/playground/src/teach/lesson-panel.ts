import { element } from "../dom.ts";
import { say } from "../language.ts";
import type { Session } from "../session.ts";
import { notify } from "../shell/notices.ts";
import { isFailure } from "../worker/api.ts";
import { telling } from "../worker/client.ts";
import type { LessonMode, LessonProgress, OpenedSession } from "../worker/teacher/api.ts";
import type { ReportPanel } from "./report.ts";
import type { Roster } from "./roster.ts";

export interface LessonPanel {
  readonly element: HTMLElement;
  /** Called when classes or pictures differ from those of the lesson. */
  changed(): void;
  /** Called when a session is opened, which may be taught already. */
  opened(taught: OpenedSession["taught"]): void;
  /** Runs work that changes the network, without new features for the examples. */
  ignoringModel(work: () => void): void;
}

/** Starts and stops lessons, and shows progress. @param onTaught gets the taught classes; none if they are forgotten */
export function makeLessonPanel(
  session: Session,
  roster: Roster,
  report: ReportPanel,
  onTaught: (classes: readonly string[]) => void,
): LessonPanel {
  const { client } = session;
  const modes = (["head", "blocks"] as const).map((mode) => {
    const input = element("input", { type: "radio", name: "lesson-mode", value: mode, checked: mode === "head" });
    const key = mode === "head" ? "modeHead" : "modeBlocks";
    return { mode, input, label: element("label", { class: "check" }, input, say(element("span"), key)) };
  });
  const start = say(element("button", { type: "button", class: "main", onclick: () => learn() }), "startLesson");
  const stop = say(element("button", { type: "button", hidden: true, onclick: () => client.stopTeaching() }), "stop");
  const bar = element("progress", { max: "1", value: "0", hidden: true });
  const status = element("p", { class: "status", role: "status" });
  let isTaught = false;
  let isIgnoring = false;

  function setRunning(isRunning: boolean): void {
    start.disabled = isRunning;
    stop.hidden = !isRunning;
    bar.hidden = !isRunning;
  }

  async function learn(): Promise<void> {
    const mode: LessonMode = modes.find(({ input }) => input.checked)?.mode ?? "head";
    const lesson = roster.lesson(mode);
    if (lesson.classes.length < 2) return void say(status, "tooFew");
    setRunning(true);
    report.begin();
    try {
      const result = await client.teach(
        lesson,
        telling(({ phase, done, report: soFar }: LessonProgress) => {
          bar.value = done;
          say(status, `phase.${phase}`);
          if (soFar) report.show(soFar, lesson.classes, true);
        }),
      );
      if (isFailure(result)) {
        status.textContent = "";
        return notify("badLesson", { error: result.error });
      }
      isTaught = true;
      report.show(result.report, lesson.classes, false);
      say(status, result.stopped ? "lessonStopped" : "lessonDone", { seconds: result.seconds.toFixed(1) });
      onTaught(lesson.classes);
    } finally {
      setRunning(false);
    }
  }

  session.onModel(async () => {
    if (isIgnoring) return;
    if (isTaught) notify("networkChanged");
    isTaught = false;
    onTaught([]);
    const renewed = await client.renewExamples();
    if (renewed && isFailure(renewed)) notify("badLesson", { error: renewed.error });
  });

  return {
    element: element(
      "section",
      { class: "lesson" },
      say(element("h2"), "lesson"),
      element("fieldset", {}, say(element("legend", { class: "faint" }), "mode"), ...modes.map(({ label }) => label)),
      element("div", { class: "actions" }, start, stop, bar),
      status,
      report.element,
    ),
    changed() {
      if (isTaught) say(status, "changedSince");
    },
    opened(taught) {
      isTaught = taught !== null;
      report.begin();
      status.textContent = "";
      if (taught) {
        report.show(taught.report, taught.classes, false);
        say(status, "lessonOpened");
      }
      onTaught(taught?.classes ?? []);
    },
    ignoringModel(work) {
      isIgnoring = true;
      work();
      isIgnoring = false;
    },
  };
}
