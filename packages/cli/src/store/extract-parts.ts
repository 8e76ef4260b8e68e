import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ReadError } from "mobilenets";
import { diagnostic } from "../output.ts";
import { mapAhead } from "../pictures/map-ahead.ts";
import { type Chunk, chunkName, sortedById } from "./chunks.ts";
import { type Entry, signatureOf } from "./entry.ts";
import type { Forgotten } from "./forgotten.ts";
import { KnownRows } from "./known-rows.ts";
import { type ChunkEntry, type Compute, makePart } from "./make-part.ts";
import type { PartModel } from "./parquet/columns.ts";
import { PartsFolder } from "./parts-folder.ts";
import { ARCHIVE_PREFIX, planParts } from "./plan.ts";
import type { Shard } from "./shard.ts";
import { isRunning, Sharing } from "./sharing.ts";

/** A part to make: of pictures, or of an archive. */
type Work = { readonly name: string } & ({ readonly entries: readonly ChunkEntry[] } | { readonly archive: string });

export interface PartsRun {
  readonly dir: string;
  readonly inputs: readonly Entry[];
  /** Addresses of tar archives. */
  readonly archives: readonly string[];
  /** Fetches an archive to a file, and lists the pictures in it. */
  readonly openArchive: (url: string, path: string, signal: AbortSignal) => Promise<readonly Entry[]>;
  readonly closeArchive: (path: string) => Promise<void>;
  readonly model: PartModel;
  /** Hash of all that decides the numbers. */
  readonly modelHash: string;
  readonly compute: Compute;
  readonly chunkSize: number;
  readonly shard?: Shard;
  readonly prune: boolean;
  readonly retry: boolean;
  readonly forgotten: Forgotten;
  readonly signal: AbortSignal;
  /** Told of the pictures of all parts that this process is to see to, before it begins. */
  readonly onPlan: (plan: { readonly pictures: number; readonly parts: number; readonly kept: number }) => void;
  /** Told of pictures that are done: found done, or computed now. */
  readonly onDone: (pictures: number, failed: number, computed: boolean) => void;
}

export interface PartsResult {
  /** Parts of this process that are there. */
  readonly parts: number;
  readonly pictures: number;
  readonly failed: number;
  /** False if it was interrupted. */
  readonly complete: boolean;
}

/** Brings a folder of parts to what the inputs say, or as far as the signal lets it. */
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
      onPlan({ pictures, parts: mine.length, kept: plan.kept });
      await this.#makeAll(mine);
      await this.#removeObsolete(plan.work, plan.obsolete);
      return this.#result(true);
    } catch (error) {
      if (signal.aborted) return this.#result(false);
      throw error;
    } finally {
      await this.#sharing.leave();
    }
  }

  #result(complete: boolean): PartsResult {
    return { parts: this.#parts, pictures: this.#pictures, failed: this.#failed, complete };
  }

  async #plan() {
    const { inputs, archives, chunkSize, modelHash, prune, forgotten } = this.#run;
    await this.#folder.make();
    await this.#folder.removeUnfinished(isRunning);
    const existing = await this.#folder.names();
    // Made anew: who has waited finds other parts.
    this.#known = new KnownRows(this.#folder, this.#run.model.dim);
    const isForgotten = (id: string) => forgotten.has(id);
    const options = { chunkSize, model: modelHash, prune, isForgotten };
    const { chunks, obsolete, kept } = await planParts(inputs, existing, this.#known, options);
    const whole = archives.map((url): Work => {
      return { name: `${ARCHIVE_PREFIX}${chunkName([{ id: url }], modelHash)}`, archive: url };
    });
    const work: readonly Work[] = [...chunks, ...whole];
    const names = new Set(work.map(({ name }) => name));
    const gone = prune ? [...existing].filter((name) => name.startsWith(ARCHIVE_PREFIX) && !names.has(name)) : [];
    const key = createHash("sha256")
      .update([...names].join())
      .digest("hex");
    return { work, obsolete: [...obsolete, ...gone], kept, key };
  }

  /** Parts that others have in hand are looked at again when nothing else is left to do. */
  async #makeAll(mine: readonly Work[]): Promise<void> {
    let left = mine;
    for (let turn = 0; left.length > 0; turn++) {
      left = await this.#makeSome(left, turn > 0);
      if (left.length > 0) await sleep(500, undefined, { signal: this.#run.signal });
    }
  }

  /**
   * Two parts at a time: while the last pictures of one are computed, or it is written, those of the next are read.
   * @returns what other processes have in hand
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
          // The other lane ends with the part it is at.
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
   * @param insist also on what a process of another machine has in hand, which may be dead: the part is the same
   * @returns false if another process has it in hand
   */
  async #make(work: Work, insist: boolean): Promise<boolean> {
    if (await this.#isDone(work)) return true;
    const claim = await this.#sharing.claim(work.name);
    if (!("giveBack" in claim) && !(claim.foreign && insist)) return false;
    try {
      // It may have been made before it could be claimed.
      if (await this.#isDone(work)) return true;
      if ("archive" in work) await this.#makeArchive(work.name, work.archive);
      else await this.#makeChunk(work);
      this.#parts++;
      return true;
    } finally {
      if ("giveBack" in claim) await claim.giveBack();
    }
  }

  /** Whether the part is there, and its pictures are as they were. */
  async #isDone(work: Work): Promise<boolean> {
    if (!(await exists(this.#folder.pathOf(work.name)))) return false;
    const seen = await this.#folder.seen(work.name);
    if (!seen || (this.#run.retry && seen.failed > 0)) return false;
    const { signatures, failed } = seen;
    if ("entries" in work) {
      let i = 0;
      for await (const now of mapAhead(work.entries, signatureNow, 32)) {
        if (now !== undefined && now !== signatures[i]) return false;
        i++;
      }
    }
    this.#parts++;
    this.#count(signatures.length, failed, false);
    return true;
  }

  async #makeChunk({ name, entries }: Chunk<ChunkEntry>): Promise<void> {
    const { model, compute, retry, signal } = this.#run;
    const path = this.#folder.pathOf(name);
    const isThere = await exists(path);
    if (isThere) await this.#addKnown(name);
    const known = (id: string) => this.#known.get(id);
    const onRow = (row: { readonly error?: string }) => this.#count(1, row.error === undefined ? 0 : 1, true);
    const made = await makePart({ name, entries }, model, compute, { known, retry, signal, onRow });
    if (made.unchanged && isThere) await this.#folder.remember(name, made);
    else await this.#folder.put(name, made.bytes, made);
  }

  /** A damaged part is made anew. */
  async #addKnown(name: string): Promise<void> {
    try {
      await this.#known.add(name);
    } catch (error) {
      diagnostic(`warning: ${(error as Error).message}; it is made anew`);
      await this.#folder.remove(name);
    }
  }

  async #makeArchive(name: string, url: string): Promise<void> {
    const { model, compute, forgotten, signal, openArchive, closeArchive } = this.#run;
    const path = this.#sharing.scratch(name);
    try {
      const all = await openArchive(url, path, signal).catch((error: unknown): readonly Entry[] => {
        if (!(error instanceof ReadError) || signal.aborted) throw error;
        // One archive that cannot be had does not hold up the others.
        return [{ id: url, path: url, error: error.message }];
      });
      const entries = sortedById(all).filter(({ id }) => !forgotten.has(id));
      const onRow = (row: { readonly error?: string }) => this.#count(1, row.error === undefined ? 0 : 1, true);
      const made = await makePart({ name, entries }, model, compute, { signal, onRow });
      await this.#folder.put(name, made.bytes, made);
    } finally {
      await closeArchive(path);
    }
  }

  #count(pictures: number, failed: number, computed: boolean): void {
    this.#pictures += pictures;
    this.#failed += failed;
    this.#run.onDone(pictures, failed, computed);
  }

  /** Only when what takes their rows over is there, of other shards too. */
  async #removeObsolete(work: readonly Work[], obsolete: readonly string[]): Promise<void> {
    if (obsolete.length === 0) return;
    const names = await this.#folder.names();
    if (!work.every(({ name }) => names.has(name))) return;
    for (const name of obsolete) await this.#folder.remove(name);
  }
}

async function signatureNow(entry: ChunkEntry): Promise<string | undefined> {
  return entry.kept ? undefined : signatureOf(entry);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function sayWaiting({ pid, host }: { readonly pid: number; readonly host: string }): void {
  diagnostic(`waiting for process ${pid} of ${host}, which brings other pictures into this folder`);
}
