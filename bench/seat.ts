import type { Contender, Session, Task } from "./contender.ts";
import { picture } from "./picture.ts";

/** A contender ready to run in its own process or page; the host calls these functions. */
export class Seat {
  readonly #session: Session;
  readonly #input: Float32Array;

  private constructor(session: Session, input: Float32Array) {
    this.#session = session;
    this.#input = input;
  }

  /** @param draw makes the picture, while the contender loads */
  static async take(contender: Contender, task: Task, draw = picture): Promise<Seat> {
    const opening = contender.open(task);
    const input = draw();
    const session = await opening;
    return new Seat(session, session.prepare?.(input) ?? input);
  }

  /** The actual number of threads, if it differs from the requested one. */
  get threads(): number | undefined {
    return this.#session.threads;
  }

  /** The network's output for comparison: the last of a batch. */
  async output(): Promise<number[]> {
    const output = Array.from(await this.#session.run(this.#input));
    return output.slice(-output.length / this.#batch);
  }

  /** Runs at least `runs` times and `ms` milliseconds, because engines optimise WebAssembly while it runs. */
  async warmUp(runs: number, ms: number): Promise<void> {
    const end = performance.now() + ms;
    for (let i = 0; i < runs || performance.now() < end; i++) await this.#session.run(this.#input);
  }

  /** Milliseconds per picture of each call, for at least `pictures`. */
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
