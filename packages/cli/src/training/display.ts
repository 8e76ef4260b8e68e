import type { EpochEvent, StepEvent } from "mobilenets/train";
import { duration, type Screen } from "../extract/progress.ts";
import { printable } from "../printable.ts";
import { grouped } from "../table.ts";

/** The progress of training, on a terminal or in a log file. */

/** `epoch 3/20  120/450  loss 0.432  accuracy 87.1%  rate 0.05  812 images/s  about 3m 2s left` */
export function stepLine(event: StepEvent, epochs: number, secondsLeft: number): string {
  const { epoch, batch, batches, epochLoss, epochAccuracy, learningRate, imagesPerSecond } = event;
  return [
    `epoch ${epoch + 1}/${epochs}`,
    `${grouped(batch)}/${grouped(batches)}`,
    `loss ${epochLoss.toFixed(3)}`,
    ...(Number.isNaN(epochAccuracy) ? [] : [`accuracy ${percent(epochAccuracy)}`]),
    `rate ${Number(learningRate.toPrecision(3))}`,
    `${grouped(Math.round(imagesPerSecond))} images/s`,
    ...(event.step < event.steps && Number.isFinite(secondsLeft) ? [`about ${duration(secondsLeft)} left`] : []),
  ].join("  ");
}

/** `epoch 3/20: loss 0.432, accuracy 87.1%, validation loss 0.512, accuracy 84.0%, best so far, 12s` */
export function epochLine(event: EpochEvent, epochs: number): string {
  const { epoch, loss, accuracy, validation, best, seconds } = event;
  const scores = (of: { loss: number; accuracy: number }) => [
    `loss ${of.loss.toFixed(3)}`,
    ...(Number.isNaN(of.accuracy) ? [] : [`accuracy ${percent(of.accuracy)}`]),
  ];
  const parts = [
    ...scores({ loss, accuracy }),
    ...(validation ? [`validation ${scores(validation).join(", ")}`] : []),
    ...(validation && best ? ["best so far"] : []),
    duration(seconds),
  ];
  return `epoch ${epoch + 1}/${epochs}: ${parts.join(", ")}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** Shows the progress. On a terminal, it redraws one line and adds one per epoch. A log file gets a line every 5 s. */
export class TrainDisplay {
  readonly #screen: Screen;
  #start: number | undefined;
  #firstStep: number | undefined;
  #last = -Infinity;
  #drawn = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  step(event: StepEvent, epochs: number): void {
    // The speed is measured from this run's first step.
    const now = performance.now();
    this.#firstStep ??= event.step;
    this.#start ??= now;
    if (now - this.#last < (this.#screen.isTTY ? 100 : 5000)) return;
    this.#last = now;
    const perStep = (now - this.#start) / 1000 / (event.step - this.#firstStep);
    this.#draw(stepLine(event, epochs, perStep * (event.steps - event.step)));
  }

  /** Shows the pictures whose features are computed before training. */
  features(done: number, total: number): void {
    const now = performance.now();
    if (now - this.#last < (this.#screen.isTTY ? 100 : 5000) && done < total) return;
    this.#last = now;
    this.#draw(`features: ${grouped(done)}/${grouped(total)} pictures`);
  }

  epoch(event: EpochEvent, epochs: number): void {
    this.line(epochLine(event, epochs));
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.clear();
    this.#screen.write(`${printable(text)}\n`);
  }

  /** Clears the redrawn line, so others can write. */
  clear(): void {
    if (this.#drawn) this.#screen.write("\r\x1b[K");
    this.#drawn = false;
  }

  #draw(text: string): void {
    if (!this.#screen.isTTY) {
      this.#screen.write(`${text}\n`);
      return;
    }
    // A wrapped line could not be redrawn.
    this.#screen.write(`\r\x1b[K${text.slice(0, (this.#screen.columns || 80) - 1)}`);
    this.#drawn = true;
  }
}
