import { canBlock } from "#worker";
import { EngineError } from "../errors.ts";
import type { ModuleName } from "../kernels/kernel-table.ts";
import { kernelModule } from "../kernels/modules.ts";
import { PICTURES } from "../kernels/signatures.ts";
import type { Isa } from "../kernels/wat.ts";
import { allocate } from "./allocate.ts";
import { freedOrNew, offerMemory } from "./freed-memories.ts";
import type { Pack } from "./pack-by-module.ts";
import { type Attachment, poolOf, type ThreadPool } from "./threads/pool.ts";

/** The kernel module's functions; see `kernels/schedule.ts`. */
interface Exports {
  pack: Pack;
  run(steps: number, count: number): void;
  prepare(steps: number, count: number, epoch: number): void;
  work(steps: number, count: number, ...team: Team): number;
  pictures(at: number, pictures: number, ...team: Team): number;
}

type Team = [epoch: number, sync: number, block: number, rank: 0, threads: number];

/** Address of the words that synchronise threads; the first bytes of linear memory are reserved for them. */
const SYNC_AT = 64;

export interface RunnerOptions {
  /** The network's name, for error messages. */
  readonly name: string;
  readonly bytes: number;
  readonly threads: number;
  readonly isa: Isa;
  /** The module with the needed kernels. */
  readonly module: ModuleName;
  /** Kernels instead of this package's. */
  readonly kernels?: WebAssembly.Module;
}

interface Live {
  readonly memory: WebAssembly.Memory;
  readonly exports: Exports;
}

/** A linear memory with its kernels, and the threads that run step lists: this thread and a pool's workers. */
export class WasmRunner {
  readonly #name: string;
  readonly #pool: ThreadPool | null;
  readonly #attachment: Attachment | null;
  /** Null after dispose. The host frees the linear memory when neither it nor the instance is reachable. */
  #live: Live | null;

  private constructor(name: string, live: Live, pool: ThreadPool | null, attachment: Attachment | null) {
    this.#name = name;
    this.#live = live;
    this.#pool = pool;
    this.#attachment = attachment;
  }

  /** The memory may hold another model's data. @throws EngineError if the host has too little memory */
  static async create({ name, bytes, threads, isa, module: moduleName, kernels }: RunnerOptions): Promise<WasmRunner> {
    const shared = threads > 1;
    const module = kernels ?? (await kernelModule(isa, shared, moduleName));
    const newMemory = () => allocate(name, bytes, shared);
    const pool = shared ? poolOf(threads) : null;
    const attachment = (await pool?.acquire(module, bytes, newMemory)) ?? null;
    const memory = attachment?.memory ?? (await freedOrNew(bytes, newMemory));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return new WasmRunner(name, { memory, exports: exports as unknown as Exports }, pool, attachment);
  }

  /** @throws EngineError after dispose() */
  get buffer(): ArrayBufferLike {
    return this.#alive().memory.buffer;
  }

  /** Packs weights into panels; see `writePlan`. */
  get pack(): Pack {
    return this.#alive().exports.pack;
  }

  /** Awaited before each turn of the event loop that runs steps. @throws EngineError if a worker died */
  async ready(): Promise<void> {
    await this.#pool?.ready();
  }

  /** Runs a step list, the threads sharing each step. @throws EngineError if a thread failed */
  run(stepsAt: number, count: number): void {
    const { exports } = this.#alive();
    if (!this.#pool) {
      exports.run(stepsAt, count);
      return;
    }
    const epoch = this.#pool.nextEpoch();
    exports.prepare(stepsAt, count, epoch);
    this.#start(epoch, { at: stepsAt, count, pictures: 0 });
    if (exports.work(stepsAt, count, ...this.#team(epoch))) throw this.#pool.fail(STOPPED);
  }

  /** Runs steps on this thread alone. */
  runAlone(stepsAt: number, count: number): void {
    this.#alive().exports.run(stepsAt, count);
  }

  /** Runs the pictures in the first queue entries, each on one thread. @param at address of the words of `WORKERS` */
  runEach(at: number, pictures: number): void {
    const { exports, memory } = this.#alive();
    const pool = this.#pool as ThreadPool;
    const epoch = pool.nextEpoch();
    const words = new Int32Array(memory.buffer, SYNC_AT + PICTURES, 2);
    Atomics.store(words, 1, 0);
    Atomics.store(words, 0, epoch << 16);
    this.#start(epoch, { at, count: 0, pictures });
    if (exports.pictures(at, pictures, ...this.#team(epoch))) throw pool.fail(STOPPED);
  }

  dispose(): void {
    if (!this.#live) return;
    if (this.#attachment) this.#pool?.release(this.#attachment);
    else offerMemory(this.#live.memory);
    this.#live = null;
  }

  #alive(): Live {
    if (this.#live) return this.#live;
    throw new EngineError({ where: this.#name, found: "a call after dispose()" });
  }

  #start(epoch: number, work: { at: number; count: number; pictures: number }) {
    this.#pool?.start({ attachment: (this.#attachment as Attachment).number, sync: SYNC_AT, epoch, ...work });
  }

  #team(epoch: number): Team {
    return [epoch, SYNC_AT, canBlock() ? 1 : 0, 0, this.#pool?.threads ?? 1];
  }
}

const STOPPED = "it stopped in the middle of a run";
