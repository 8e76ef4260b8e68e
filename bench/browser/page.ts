// The script in the page of one contender; esbuild bundles it with that contender only.
import type { Contender, Task } from "../contender.ts";
import { picture } from "../picture.ts";
import { Seat } from "../seat.ts";

/** The work for a page's contender. */
export interface Assignment {
  readonly network: string;
  readonly threads: number;
}

/** Functions of the page that the host calls by name. */
export function pageOf(contender: Contender) {
  let seat: Seat;
  const take = (assignment: Assignment) => Seat.take(contender, { ...assignment, ...filesOf(assignment) });
  return {
    /** @returns the actual number of threads, if it differs from the requested one */
    async open(assignment: Assignment): Promise<number | undefined> {
      seat = await take(assignment);
      return seat.threads;
    },
    output: () => seat.output(),
    warmUp: (runs: number, ms: number) => seat.warmUp(runs, ms),
    time: (pictures: number) => seat.time(pictures),

    /** @returns milliseconds from navigation to the first result, including downloads */
    async fromNavigation(assignment: Assignment): Promise<number> {
      await (await take(assignment)).output();
      return performance.now();
    },

    /** @returns milliseconds from opening to the first result, with the model's bytes in memory */
    async fromOpening(assignment: Assignment): Promise<number> {
      const bytes = await filesOf(assignment).read("model.safetensors");
      const input = picture();
      const start = performance.now();
      const task = { ...assignment, source: () => bytes, read: async () => bytes };
      await (await Seat.take(contender, task, () => input)).output();
      return performance.now() - start;
    },
  };
}

export type Page = ReturnType<typeof pageOf>;

type Files = Pick<Task, "source" | "read">;

function filesOf({ network }: Assignment): Files {
  const source = (file: string) => new URL(`/models/${network}/${file}`, location.href).href;
  return {
    source,
    async read(file) {
      const response = await fetch(source(file));
      if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
