// `npm run bench:training`: compares a training step with PyTorch and TensorFlow.js; see README.md.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { circumstances } from "./machine.ts";
import { median, medianRatio } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    threads: { type: "string", default: "1,2" },
    /** Includes TensorFlow.js, which takes minutes for one step. */
    tfjs: { type: "boolean", default: false },
  },
});
const rounds = Number(options.rounds);
const PYTHON = process.env.PYTHON ?? "python3";
const SIZE = 96;
const WARM_UP = 3;

/** A contender in its own process. */
class Seat {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  about: { version: string; threads: number } = { version: "", threads: 0 };

  private constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  static async start(command: string, args: readonly string[]): Promise<Seat> {
    const seat = new Seat(command, args);
    seat.about = await seat.#next();
    return seat;
  }

  async steps(n: number): Promise<number[]> {
    this.#process.stdin!.write(`${n}\n`);
    return this.#next();
  }

  stop(): void {
    this.#process.stdin!.end();
  }

  async #next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#process.spawnargs.join(" ")} ended`);
    return JSON.parse(value);
  }
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const ours = (who: "ours" | "tfjs", ...rest: (string | number)[]) =>
  Seat.start(process.execPath, [
    "--import",
    "tsx",
    "--conditions",
    "source",
    here("training-seat.ts"),
    who,
    ...rest.map(String),
  ]);
const torch = (...rest: (string | number)[]) => Seat.start(PYTHON, [here("training-torch.py"), ...rest.map(String)]);

const ms = (x: number) => x.toFixed(0);
const about = circumstances(`Node ${process.version}`, []);
console.log(
  `${about.date}, ${about.cpu}, ${about.processors} processors, load ${about.load.toFixed(2)}, ${about.host}\n`,
);
console.log("| step | threads | ours, ms | PyTorch, ms | ours / PyTorch | ours, speed-up |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
for (const network of ["mobilenet_v1", "mobilenet_v2"]) {
  let single = 0;
  for (const threads of options.threads.split(",").map(Number)) {
    const seats = [await ours("ours", network, threads, 32, SIZE), await torch(network, threads, 32, SIZE)];
    for (const seat of seats) await seat.steps(WARM_UP);
    const times: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [i, seat] of seats.entries()) times[i].push(...(await seat.steps(1)));
    }
    for (const seat of seats) seat.stop();
    if (threads === 1) single = median(times[0]);
    const speedUp = threads > 1 && single ? `${(single / median(times[0])).toFixed(2)} x` : "";
    const torchThreads = seats[1].about.threads === threads ? "" : ` (${seats[1].about.threads} threads)`;
    console.log(
      `| ${network}, ${SIZE}x${SIZE}, batch 32, PyTorch ${seats[1].about.version}${torchThreads} | ${threads} | ${ms(median(times[0]))} | ${ms(median(times[1]))} | ${medianRatio(times[0], times[1]).toFixed(2)} | ${speedUp} |`,
    );
  }
}

if (options.tfjs) {
  const seats = [await ours("ours", "mobilenet_v1", 2, 8, SIZE), await ours("tfjs", "mobilenet_v1", 1, 8, SIZE)];
  await seats[0].steps(WARM_UP);
  const [mine, theirs] = [median(await seats[0].steps(15)), median(await seats[1].steps(1))];
  for (const seat of seats) seat.stop();
  console.log(
    `\nV1, ${SIZE}x${SIZE}, batch 8: ours on 2 threads ${ms(mine)} ms, TensorFlow.js (cpu) ${ms(theirs)} ms: ${ms(theirs / mine)} x`,
  );
}
