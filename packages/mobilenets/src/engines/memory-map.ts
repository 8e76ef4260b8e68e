import { LINE_BYTES } from "../kernels/geometry.ts";
import { BINDING_BYTES, STEP_BYTES, WORD_BYTES, WORKERS } from "../kernels/signatures.ts";
import { MAX_CHUNKS } from "../plan/chunks.ts";
import { bytesOf, type MapLayout } from "../plan/layout.ts";
import type { Placed, Plan } from "../plan/plan.ts";
import { roundUp } from "../round-up.ts";
import { packingRoom } from "./pack-by-module.ts";

/**
 * Queue entries per worker: enough that a slow worker does fewer pictures and delays no other.
 */
const ENTRIES_PER_WORKER = 4;

/**
 * The memory layout of a plan when several threads each work on their own pictures. Each worker has an arena and a step
 * list; the first worker's are the plan's. Pictures and results pass through the entries of a queue, from which a free
 * worker takes the next.
 */
export class MemoryMap {
  readonly plan: Plan;
  readonly workers: number;
  /** Number of queue entries, with one picture each; 0 with one worker. */
  readonly entries: number;
  /** Size of linear memory in bytes. */
  readonly bytes: number;
  /** Address of the words of `WORKERS`. */
  readonly workersAt: number;
  readonly #arenaBytes: number;
  readonly #listsAt: number;
  readonly #entriesAt: number;
  /** Parts of a queue entry: the input, then the outputs. */
  readonly #bindings: readonly (Placed<MapLayout> & { readonly offset: number })[];
  readonly #entryBytes: number;

  /** @param workers number of threads that work on their own pictures, at most `MAX_CHUNKS` */
  constructor(plan: Plan, workers: number) {
    this.plan = plan;
    this.workers = workers;
    // The same number for each worker, because groups have the same number of pictures for each.
    this.entries = workers > 1 ? workers * Math.min(ENTRIES_PER_WORKER, Math.floor(MAX_CHUNKS / workers)) : 0;
    this.#arenaBytes = roundUp(plan.bytes - plan.arenaAt, LINE_BYTES);
    this.#listsAt = roundUp(plan.bytes + (workers - 1) * this.#arenaBytes, LINE_BYTES);
    this.workersAt = this.#listsAt + (workers - 1) * plan.steps.length * STEP_BYTES;
    let offset = 0;
    this.#bindings = [plan.input, ...plan.outputs].map((map) => {
      const binding = { ...map, offset };
      offset = roundUp(offset + bytesOf(map), LINE_BYTES);
      return binding;
    });
    this.#entryBytes = offset;
    this.#entriesAt = roundUp(
      this.workersAt + WORD_BYTES * WORKERS.length + BINDING_BYTES * this.#bindings.length,
      LINE_BYTES,
    );
    const used = this.#entriesAt + this.entries * this.#entryBytes;
    this.bytes = Math.max(used, plan.arenaAt + packingRoom(plan));
  }

  /** Distance of a worker's arena from the first, in bytes. */
  shift(worker: number): number {
    return worker * this.#arenaBytes;
  }

  /** Address of a worker's step list. */
  stepsAt(worker: number): number {
    return worker === 0 ? this.plan.stepsAt : this.#listsAt + (worker - 1) * this.plan.steps.length * STEP_BYTES;
  }

  /** Distance of an entry's input (binding 0) or output (1, 2, ...) from its place in the first worker's arena. */
  entryShift(binding: number, entry: number): number {
    const { at, offset } = this.#bindings[binding];
    return this.#entriesAt + entry * this.#entryBytes + offset - at;
  }

  /** The words at `workersAt`. */
  words(): Int32Array {
    const { plan, workers, workersAt } = this;
    const bindings = this.#bindings.flatMap((map) => [map.at, bytesOf(map), map.offset]);
    const words: Record<(typeof WORKERS)[number], number> = {
      first: plan.stepsAt,
      others: this.#listsAt,
      listBytes: plan.steps.length * STEP_BYTES,
      count: plan.steps.length,
      workers,
      arenaBytes: this.#arenaBytes,
      entries: this.#entriesAt,
      entryBytes: this.#entryBytes,
      end: workersAt + WORD_BYTES * (WORKERS.length + bindings.length),
    };
    return Int32Array.from([...WORKERS.map((word) => words[word]), ...bindings]);
  }
}
