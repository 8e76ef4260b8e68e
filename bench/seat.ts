import type { Contender, Session, Task } from "./contender.ts";
import { picture } from "./picture.ts";

/** A contender ready to run, in its own process or page: what the host asks of it from outside. */
export class Seat {
  readonly #session: Session;
  readonly #input: Float32Array;

  private constructor(session: Session, input: Float32Array) {
    this.#session = session;
    this.#input = input;
  }

  /** @param draw makes the picture, while what the contender needs is on its way */
  static async take(contender: Contender, task: Task, draw = picture): Promise<Seat> {
    const opening = contender.open(task);
    const input = draw();
    const session = await opening;
    return new Seat(session, session.prepare?.(input) ?? input);
  }

  /** Threads it really runs on, if that differs from what it was asked for. */
  get threads(): number | undefined {
    return this.#session.threads;
  }

  /** The network's answer, to compare: the last of a batch. */
  async output(): Promise<number[]> {
    const output = Array.from(await this.#session.run(this.#input));
    return output.slice(-output.length / this.#batch);
  }

  /** Runs at least so often and so long: engines compile their WebAssembly again, better, while it runs. */
  async warmUp(runs: number, ms: number): Promise<void> {
    const end = performance.now() + ms;
    for (let i = 0; i < runs || performance.now() < end; i++) await this.#session.run(this.#input);
  }

  /** Milliseconds per picture of each call, as many calls as `pictures` take. */
  async time(pictures: number): Promise<number[]> {
    const times: number[] = [];
    for (let done = 0; done < pictures; done += this.#batch) {
      const start = performance.now();
      await this.#session.run(this.#input);
      times.push((performance.now() - start) / this.#batch);
    }
    return times;
  }

  get #batch(): number {
    return this.#session.batch ?? 1;
  }
}
