import { LINE_BYTES } from "../kernels/geometry.ts";
import { LANES, PORT_BYTES, STEP_BYTES, WORD_BYTES } from "../kernels/signatures.ts";
import { MAX_CHUNKS } from "../plan/chunks.ts";
import { bytesOf, type MapLayout } from "../plan/layout.ts";
import type { Placed, Plan } from "../plan/plan.ts";
import { roundUp } from "../round-up.ts";
import { packingRoom } from "./pack-by-module.ts";

/** Pictures per thread that wait in slots: enough that a thread which is held up does fewer, and holds up nobody. */
const SLOTS_PER_LANE = 4;

/**
 * Where a plan's parts lie when several threads each work on pictures of their own. Each has a lane: an arena and a step
 * list; the first lane's are the plan's. Pictures and results pass through slots, from which whoever is free takes the next.
 */
export class MemoryMap {
  readonly plan: Plan;
  readonly lanes: number;
  /** Pictures there are slots for; 0 with one lane. */
  readonly slots: number;
  /** Bytes of linear memory for all of it. */
  readonly bytes: number;
  /** Address of the words of `LANES`. */
  readonly lanesAt: number;
  readonly #arenaBytes: number;
  readonly #listsAt: number;
  readonly #slotsAt: number;
  /** What a slot holds: the input, then the outputs. */
  readonly #ports: readonly (Placed<MapLayout> & { readonly offset: number })[];
  readonly #slotBytes: number;

  /** @param lanes how many threads work on a picture of their own at the same time, at most `MAX_CHUNKS` */
  constructor(plan: Plan, lanes: number) {
    this.plan = plan;
    this.lanes = lanes;
    // As many for each, since groups are.
    this.slots = lanes > 1 ? lanes * Math.min(SLOTS_PER_LANE, Math.floor(MAX_CHUNKS / lanes)) : 0;
    this.#arenaBytes = roundUp(plan.bytes - plan.arenaAt, LINE_BYTES);
    this.#listsAt = roundUp(plan.bytes + (lanes - 1) * this.#arenaBytes, LINE_BYTES);
    this.lanesAt = this.#listsAt + (lanes - 1) * plan.steps.length * STEP_BYTES;
    let offset = 0;
    this.#ports = [plan.input, ...plan.outputs].map((map) => {
      const port = { ...map, offset };
      offset = roundUp(offset + bytesOf(map), LINE_BYTES);
      return port;
    });
    this.#slotBytes = offset;
    this.#slotsAt = roundUp(this.lanesAt + WORD_BYTES * LANES.length + PORT_BYTES * this.#ports.length, LINE_BYTES);
    const used = this.#slotsAt + this.slots * this.#slotBytes;
    this.bytes = Math.max(used, plan.arenaAt + packingRoom(plan));
  }

  /** How far a lane's arena lies behind the first. */
  shift(lane: number): number {
    return lane * this.#arenaBytes;
  }

  /** Address of a lane's step list. */
  stepsAt(lane: number): number {
    return lane === 0 ? this.plan.stepsAt : this.#listsAt + (lane - 1) * this.plan.steps.length * STEP_BYTES;
  }

  /** How far the input (port 0) or an output (1, 2, ...) of a slot lies behind its place in the first lane's arena. */
  slotShift(port: number, slot: number): number {
    const { at, offset } = this.#ports[port];
    return this.#slotsAt + slot * this.#slotBytes + offset - at;
  }

  /** What is to stand at `lanesAt`. */
  words(): Int32Array {
    const { plan, lanes, lanesAt } = this;
    const ports = this.#ports.flatMap((map) => [map.at, bytesOf(map), map.offset]);
    const words: Record<(typeof LANES)[number], number> = {
      first: plan.stepsAt,
      others: this.#listsAt,
      listBytes: plan.steps.length * STEP_BYTES,
      count: plan.steps.length,
      lanes,
      arenaBytes: this.#arenaBytes,
      slots: this.#slotsAt,
      slotBytes: this.#slotBytes,
      end: lanesAt + WORD_BYTES * (LANES.length + ports.length),
    };
    return Int32Array.from([...LANES.map((word) => words[word]), ...ports]);
  }
}
