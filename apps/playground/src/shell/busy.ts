import { element } from "../dom.ts";
import { say } from "../language.ts";
import type { Key } from "../strings.ts";

export interface Busy {
  readonly element: HTMLElement;
  /**
   * Shows the progress of a piece of work. Pieces wait for each other.
   * @param work gets a signal for a stop, and reports its progress
   */
  during(
    work: (signal: AbortSignal, tell: (done: number, all: number, key: Key) => void) => Promise<unknown>,
  ): Promise<void>;
}

/** Progress with a stop button. */
export function makeBusy(): Busy {
  const bar = element("progress", { max: "1", value: "0" });
  const words = element("span", { class: "value", role: "status" });
  let controller = new AbortController();
  const stop = say(element("button", { type: "button", onclick: () => controller.abort() }), "stop");
  const whole = element("div", { class: "busy", hidden: true }, bar, words, stop);
  let last: Promise<void> = Promise.resolve();
  return {
    element: whole,
    during(work) {
      const run = last.then(async () => {
        controller = new AbortController();
        whole.hidden = false;
        try {
          await work(controller.signal, (done, all, key) => {
            bar.value = done / all;
            say(words, key, { done, all });
          });
        } finally {
          whole.hidden = true;
        }
      });
      last = run.catch(() => {});
      return run;
    },
  };
}
