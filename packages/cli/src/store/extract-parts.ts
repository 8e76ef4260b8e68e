import { setTimeout as sleep } from "node:timers/promises";
import { diagnostic } from "../output.ts";
import { bringPart, findPart, type Work } from "./bring-part.ts";
import type { Entry } from "./entry.ts";
import type { Forgotten } from "./forgotten.ts";
import { KnownRows } from "./known-rows.ts";
import type { Compute } from "./make-part.ts";
import type { PartModel } from "./parquet/columns.ts";
import { PartsFolder } from "./parts-folder.ts";
import { type PlannedWork, planWork, removeObsolete } from "./plan-work.ts";
import type { Shard } from "./shard.ts";
import { Sharing } from "./sharing.ts";

/** A run that writes parts. */
export interface PartsRun {
  readonly dir: string;
  readonly inputs: readonly Entry[];
  /** Addresses of tar archives. */
  readonly archives: readonly string[];
  /** Fetches an archive to a file, and lists the pictures in it. */
  readonly openArchive: (url: string, path: string, signal: AbortSignal) => Promise<readonly Entry[]>;
  readonly closeArchive: (path: string) => Promise<void>;
  readonly model: PartModel;
  /** Hash of all settings that decide the numbers. */
  readonly modelHash: string;
  readonly compute: Compute;
  readonly chunkSize: number;
  readonly shard?: Shard;
  readonly prune: boolean;
  readonly retry: boolean;
  readonly forgotten: Forgotten;
  readonly signal: AbortSignal;
  /** Called before the work begins, with the pictures of all parts of this process. */
  readonly onPlan: (plan: {
    readonly pictures: number;
    readonly parts: number;
    readonly kept: number;
    readonly pruned: number;
  }) => void;
  /** Called with finished pictures: found finished, or finished now. */
  readonly onDone: (pictures: number, failed: number, now: boolean, error?: string) => void;
}

export interface PartsResult {
  /** Finished parts of this process. */
  readonly parts: number;
  readonly pictures: number;
  readonly failed: number;
  /** Parts made or checked again by this run, also of rows of older parts. */
  readonly made: number;
  /** Pictures computed by this run. */
  readonly computed: number;
  /** False if the run was interrupted. */
  readonly complete: boolean;
}

/** Makes a folder of parts match the inputs. Stops at the signal. */
export async function extractParts(run: PartsRun): Promise<PartsResult> {
  return new PartsExtraction(run).run();
}

class PartsExtraction {
  readonly #run: PartsRun;
  readonly #folder: PartsFolder;
  readonly #sharing: Sharing;
  #known: KnownRows;
  #parts = 0;
  #pictures = 0;
  #failed = 0;
  #made = 0;
  #computed = 0;

  constructor(run: PartsRun) {
    this.#run = run;
    this.#folder = new PartsFolder(run.dir);
    this.#sharing = new Sharing(run.dir);
    this.#known = new KnownRows(this.#folder, run.model.dim);
  }

  async run(): Promise<PartsResult> {
    const { dir, signal, shard, onPlan } = this.#run;
    try {
      const plan = await this.#sharing.join(dir, () => this.#plan(), sayWaiting, signal);
      if (!plan) return this.#result(false);
      const mine = shard ? plan.work.filter((_, i) => i % shard.count === shard.index) : plan.work;
      const pictures = mine.reduce((sum, work) => sum + ("entries" in work ? work.entries.length : 0), 0);
      onPlan({ pictures, parts: mine.length, kept: plan.kept, pruned: plan.pruned });
      await this.#makeAll(mine);
      await removeObsolete(this.#folder, plan);
      return this.#result(true);
    } catch (error) {
      if (signal.aborted) return this.#result(false);
      throw error;
    } finally {
      await this.#sharing.leave();
    }
  }

  #result(complete: boolean): PartsResult {
    return {
      parts: this.#parts,
      pictures: this.#pictures,
      failed: this.#failed,
      made: this.#made,
      computed: this.#computed,
      complete,
    };
  }

  /** Called again after each wait, because the parts have changed meanwhile. */
  async #plan(): Promise<PlannedWork> {
    const plan = await planWork(this.#folder, { ...this.#run, dim: this.#run.model.dim });
    this.#known = plan.known;
    return plan;
  }

  /** Makes all parts. Those of other processes are checked again at the end. */
  async #makeAll(mine: readonly Work[]): Promise<void> {
    let left = mine;
    for (let turn = 0; left.length > 0; turn++) {
      left = await this.#makeSome(left, turn > 0);
      if (left.length > 0) await sleep(500, undefined, { signal: this.#run.signal });
    }
  }

  /**
   * Makes two parts at a time. While the end of one is computed or written, the pictures of the next are read.
   * @returns parts that other processes work on
   */
  async #makeSome(some: readonly Work[], insist: boolean): Promise<Work[]> {
    const taken: Work[] = [];
    let next = 0;
    const lane = async () => {
      while (next < some.length) {
        this.#run.signal.throwIfAborted();
        const work = some[next++];
        try {
          if (!(await this.#make(work, insist))) taken.push(work);
        } catch (error) {
          // The other lane stops after its current part.
          next = some.length;
          throw error;
        }
      }
    };
    const lanes = await Promise.allSettled([lane(), lane()]);
    for (const one of lanes) if (one.status === "rejected") throw one.reason;
    return taken;
  }

  /**
   * @param insist make the part even if a process of another machine has it. That process may be dead, and both parts
   * are the same.
   * @returns false if another process has the part
   */
  async #make(work: Work, insist: boolean): Promise<boolean> {
    if (await this.#isDone(work)) return true;
    const claim = await this.#sharing.claim(work.name);
    if (!("giveBack" in claim) && !(claim.foreign && insist)) return false;
    try {
      // Another process may have made it before the claim.
      if (await this.#isDone(work)) return true;
      this.#made++;
      const onRow = (row: { readonly error?: string }, computed: boolean) => {
        if (computed) this.#computed++;
        this.#count(1, row.error === undefined ? 0 : 1, true, row.error);
      };
      const shop = { ...this.#run, folder: this.#folder };
      await bringPart(shop, work, this.#known, this.#sharing.scratch(work.name), onRow);
      this.#parts++;
      return true;
    } finally {
      if ("giveBack" in claim) await claim.giveBack();
    }
  }

  async #isDone(work: Work): Promise<boolean> {
    const found = await findPart(this.#folder, work, this.#run.retry);
    if (!found) return false;
    this.#parts++;
    this.#count(found.pictures, found.failed, false);
    return true;
  }

  #count(pictures: number, failed: number, now: boolean, error?: string): void {
    this.#pictures += pictures;
    this.#failed += failed;
    this.#run.onDone(pictures, failed, now, error);
  }
}

function sayWaiting({ pid, host }: { readonly pid: number; readonly host: string }): void {
  diagnostic(`waiting for process ${pid} of ${host}, which writes other pictures to this folder`);
}
