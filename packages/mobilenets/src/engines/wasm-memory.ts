import { EngineError } from "../errors.ts";
import type { Weights } from "../graph/graph.ts";
import { biasBytes, f32Gemm, LINE_BYTES, tapBytes } from "../kernels/geometry.ts";
import { coreKernels, type KernelTable } from "../kernels/kernel-table.ts";
import { KERNEL_BITS, LANES, PORT_BYTES, STEP_BYTES, WORD_BYTES } from "../kernels/signatures.ts";
import { MAX_CHUNKS } from "../plan/chunks.ts";
import { bytesOfConstant, type Constant, packConstant } from "../plan/constants.ts";
import { bytesOf, imageOf, type MapLayout, originOf, pitchOf, stepOf } from "../plan/layout.ts";
import type { PackWhole } from "../plan/pack-panels.ts";
import type { Placed, Plan, Step } from "../plan/plan.ts";
import { roundUp } from "../round-up.ts";
import { realsOf } from "../tensor.ts";

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

/** Whether the kernel module's `pack` makes these panels. */
const packedByModule = (constant: Constant): boolean => constant.kind === "panels" && constant.geometry === f32Gemm;

/** Bytes behind `arenaAt` that `panelPacker` needs at least: a row of the widest kernel, and its scales. */
const packingRoom = ({ constants }: Plan) =>
  Math.max(0, ...constants.map((c) => (c.kind === "panels" && packedByModule(c) ? c.shape[3] * (NUMBER + SCALE) : 0)));

/** Bytes of a weight, and of a scale, as `pack` reads them. */
const NUMBER = Float32Array.BYTES_PER_ELEMENT;
const SCALE = Float64Array.BYTES_PER_ELEMENT;

const PAGE = 65536;

/**
 * Linear memory whose initial size equals its maximum: the buffer never moves, and views on it stay valid.
 * @throws EngineError if the host has no room
 */
export function allocate(where: string, bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    const found = `no room for ${Math.ceil(bytes / 2 ** 20)} MiB`;
    throw new EngineError({ where, found, hint: "dispose() models you no longer use" }, { cause });
  }
}

/** The kernel module's `pack`; see `kernels/pack.ts`. */
export type Pack = (
  from: number,
  stride: number,
  rows: number,
  to: number,
  panel: number,
  panels: number,
  scale: number,
) => void;

/**
 * Writes step lists, packed weights and parameters into linear memory, which may hold another plan's.
 * @param pack of a module on this memory
 * @param kernels of this module
 */
export function writePlan(
  map: MemoryMap,
  weights: Weights,
  buffer: ArrayBufferLike,
  pack: Pack,
  kernels: KernelTable = coreKernels,
): void {
  const packWhole = panelPacker(map, buffer, pack);
  for (const constant of map.plan.constants) {
    const out = new Uint8Array(buffer, constant.at, bytesOfConstant(constant));
    packConstant(constant, weights, out, packedByModule(constant) ? packWhole : undefined);
  }
  for (const resident of map.plan.residents) {
    new Uint8Array(buffer, resident.at, bytesOf(resident)).fill(0);
    if (resident.name in weights) writeMap(resident, realsOf(weights[resident.name]), buffer, 0);
  }
  // Last, as packing may have needed their place.
  for (let lane = 0; lane < map.lanes; lane++) writeSteps(map, lane, kernels, new DataView(buffer));
  if (map.lanes > 1) {
    const words = map.words();
    new Int32Array(buffer, map.lanesAt, words.length).set(words);
  }
}

/** Floats that are packed at a time: they stay in the second-level cache. */
const PACKED_AT_ONCE = 16 * 1024;

/** By the kernel module, through the arena, which is not in use yet. */
function panelPacker({ plan: { arenaAt }, bytes }: MemoryMap, buffer: ArrayBufferLike, pack: Pack): PackWhole {
  return ({ data, scales }, columns, out, panel) => {
    const rowsAt = scales ? arenaAt + scales.byteLength : arenaAt;
    const room = Math.min(PACKED_AT_ONCE, (bytes - rowsAt) / NUMBER);
    const rows = Math.max(1, Math.floor(room / columns));
    if (scales) new Float64Array(buffer, arenaAt, scales.length).set(scales);
    for (let row = 0; row * columns < data.length; row += rows) {
      const some = data.subarray(row * columns, (row + rows) * columns);
      new Float32Array(buffer, rowsAt, some.length).set(some);
      const to = out.byteOffset + biasBytes(f32Gemm) + row * tapBytes(f32Gemm);
      const panels = Math.floor(columns / f32Gemm.nr);
      pack(rowsAt, NUMBER * columns, some.length / columns, to, panel, panels, scales ? arenaAt : 0);
    }
  };
}

function writeSteps(map: MemoryMap, lane: number, kernels: KernelTable, view: DataView): void {
  const { steps, arenaAt } = map.plan;
  const moved = (value: number) => (value >= arenaAt ? value + map.shift(lane) : value);
  steps.forEach((step, i) => {
    writeStep(step, kernels, map.stepsAt(lane) + i * STEP_BYTES, view, moved);
  });
}

/** Writes a step's record; `moved` is where an address lies now. */
export function writeStep(
  { kernel, chunks, args }: Pick<Step, "kernel" | "chunks" | "args">,
  kernels: KernelTable,
  record: number,
  view: DataView,
  moved = (address: number) => address,
): void {
  view.setInt32(record, kernels.numberOf(kernel) | (chunks << KERNEL_BITS), true);
  let at = record;
  for (const [field, type] of kernels.fieldsOf(kernel)) {
    at += WORD_BYTES;
    const value = args[field];
    if (type === "f32") view.setFloat32(at, value, true);
    else view.setInt32(at, type === "ptr" ? moved(value) : value, true);
  }
}

/** Copies values, densely packed `[images, height, width, channels]`, into a map; `shift` as `MemoryMap` says. */
export function writeMap(map: Placed<MapLayout>, values: Float32Array, buffer: ArrayBufferLike, shift: number): void {
  eachRun(map, buffer, shift, (run, at) => run.set(values.subarray(at, at + run.length)));
}

/** The reverse of `writeMap`. */
export function readMap(map: Placed<MapLayout>, buffer: ArrayBufferLike, values: Float32Array, shift: number): void {
  eachRun(map, buffer, shift, (run, at) => values.set(run, at));
}

/** Visits the contiguous stretches of a map: rows where channels are not padded, else pixels. */
function eachRun(
  map: Placed<MapLayout>,
  buffer: ArrayBufferLike,
  shift: number,
  visit: (run: Float32Array, at: number) => void,
): void {
  const { images, height, width, channels, cs } = map;
  const dense = cs === channels;
  const length = dense ? width * channels : channels;
  const runs = dense ? 1 : width;
  for (let y = 0; y < images * height; y++) {
    const row = map.at + shift + originOf(map) + Math.floor(y / height) * imageOf(map) + (y % height) * pitchOf(map);
    for (let i = 0; i < runs; i++) {
      visit(new Float32Array(buffer, row + i * stepOf(map), length), (y * runs + i) * length);
    }
  }
}
