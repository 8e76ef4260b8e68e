// Runs in the page of one contender; esbuild bundles it with that contender only.
import type { Contender, Task } from "../contender.ts";
import { picture } from "../picture.ts";
import { Seat } from "../seat.ts";

/** What to run; whom the page knows by itself. */
export interface Assignment {
  readonly network: string;
  readonly threads: number;
}

/** The page's side: what the host calls by name. */
export function pageOf(contender: Contender) {
  let seat: Seat;
  const input = picture();
  const take = (assignment: Assignment, read = reader(assignment)) =>
    Seat.take(contender, { ...assignment, read }, input);
  return {
    /** @returns threads it really runs on, if not those asked for */
    async open(assignment: Assignment): Promise<number | undefined> {
      seat = await take(assignment);
      return seat.threads;
    },
    output: () => seat.output(),
    warmUp: (runs: number, ms: number) => seat.warmUp(runs, ms),
    time: (pictures: number) => seat.time(pictures),

    /** @returns milliseconds from navigation to the first result, downloads included */
    async fromNavigation(assignment: Assignment): Promise<number> {
      await (await take(assignment)).output();
      return performance.now();
    },

    /** @returns milliseconds from opening to the first result, the model's bytes being in memory */
    async fromOpening(assignment: Assignment): Promise<number> {
      const bytes = await reader(assignment)("model.safetensors");
      const start = performance.now();
      await (await take(assignment, async () => bytes)).output();
      return performance.now() - start;
    },
  };
}

export type Page = ReturnType<typeof pageOf>;

function reader({ network }: Assignment): Task["read"] {
  return async (file) => {
    const response = await fetch(`/models/${network}/${file}`);
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
}
