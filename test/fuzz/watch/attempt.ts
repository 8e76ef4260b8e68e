import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { MobileNetsError } from "../../../packages/mobilenets/src/errors.ts";
import { type LoadOptions, load, type WeightSource } from "../../../packages/mobilenets/src/load.ts";
import type { Model } from "../../../packages/mobilenets/src/model.ts";
import type { Case } from "../specimen.ts";
import { AccessWatch } from "./access.ts";
import { disagreements } from "./agreement.ts";
import { forgetPeak, peakBytes } from "./memory.ts";
import { changesSince, snapshot } from "./prototypes.ts";
import { queuedMs } from "./queued.ts";

/** The ways to pass a model's file. */
export const ways = ["path", "file URL", "http URL", "bytes"] as const;
export type Way = (typeof ways)[number];

/** The result of a case. */
export interface Report {
  readonly result: "refused" | "loaded" | "ran";
  /** Problems found. */
  readonly problems: readonly string[];
  /** Time until it was loaded or refused: CPU time, and wall time without waiting for the CPU. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Peak memory above that before the case. */
  readonly megabytes: number;
  /** Message of the refusal. */
  readonly message?: string;
}

/** Limits of time per file. The wall-time limit is for waits, without waiting for the CPU. */
const MAX_CPU_MS = 1000;
const MAX_WALL_MS = 10_000;
const MAX_MEGABYTES = 500;
/** Most characters of a message: four parts of 1,500 characters, each of which may be escaped to six. */
const MAX_MESSAGE = 40_000;
/** Characters that a terminal interprets, which errors must not contain. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Tries cases one after the other in a temporary folder, and watches them. One per process. */
export class Trial {
  readonly #access = new AccessWatch();
  readonly #root = mkdtempSync(join(tmpdir(), "mobilenets-fuzz-"));
  readonly #folder = join(this.#root, "model");
  readonly #served = new Map<string, Uint8Array>();
  readonly #asked: string[] = [];
  readonly #server = createServer(({ url }, response) => {
    const path = url ?? "";
    this.#asked.push(path);
    const bytes = this.#served.get(decodeURI(path));
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  readonly #loader: typeof load;
  #host = "";

  private constructor(loader: typeof load) {
    this.#loader = loader;
  }

  /** @param loader the function to test; tests of the watchers pass others */
  static async start(loader = load): Promise<Trial> {
    const trial = new Trial(loader);
    await new Promise<void>((resolve) => trial.#server.listen(0, "127.0.0.1", resolve));
    trial.#server.unref();
    trial.#host = `127.0.0.1:${(trial.#server.address() as AddressInfo).port}`;
    // Node creates globals at the first request.
    await (await fetch(`http://${trial.#host}/`)).text();
    writeFileSync(join(trial.#root, "secret"), new Uint8Array(1000));
    // A subfolder in the model's folder.
    mkdirSync(join(trial.#folder, "folder"), { recursive: true });
    symlinkSync(join(trial.#root, "secret"), join(trial.#folder, "link-out.bin"));
    symlinkSync(trial.#root, join(trial.#folder, "link-to-folder"));
    execFileSync("mkfifo", [join(trial.#folder, "pipe")]);
    return trial;
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#root, { recursive: true, force: true });
  }

  async run(made: Case, way: Way): Promise<Report> {
    const folder = this.#folder;
    this.#layOut(made);
    const before = snapshot();
    forgetPeak();
    const memory = peakBytes();
    const queued = queuedMs();
    this.#access.begin(folder, this.#host);
    const [cpu, clock] = [process.cpuUsage(), performance.now()];
    const loaded = await this.#load(made, this.#sourceOf(made, folder, way));
    const passedMs = performance.now() - clock;
    const { user, system } = process.cpuUsage(cpu);
    const problems = [...this.#access.end(), ...loaded.problems];
    const wallMs = passedMs - (queuedMs() - queued);
    const cpuMs = (user + system) / 1000;
    const megabytes = Math.max(0, peakBytes() - memory) / 1e6;
    for (const path of this.#asked) {
      if (!path.startsWith("/models/model/")) problems.push(`a request for ${path}`);
    }
    if (cpuMs > MAX_CPU_MS) problems.push(`${Math.round(cpuMs)} ms of the processor`);
    if (wallMs > MAX_WALL_MS) problems.push(`${Math.round(wallMs)} ms`);
    if (megabytes > MAX_MEGABYTES) problems.push(`${Math.round(megabytes)} MB`);
    let result: Report["result"] = loaded.model ? "loaded" : "refused";
    if (loaded.model && problems.length === 0) {
      const found = await disagreements(loaded.model);
      if (found) result = "ran";
      problems.push(...(found ?? []));
    }
    loaded.model?.dispose();
    problems.push(...changesSince(before));
    for (const name of Object.keys(made.files))
      rmSync(join(folder, name.split("/")[0]), { recursive: true, force: true });
    return { result, problems, cpuMs, wallMs, megabytes, message: loaded.message };
  }

  #layOut({ files }: Case): void {
    this.#served.clear();
    this.#asked.length = 0;
    for (const [name, bytes] of Object.entries(files)) {
      const file = join(this.#folder, name);
      if (name.includes("/")) mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      this.#served.set(`/models/model/${name}`, bytes);
    }
  }

  #sourceOf({ model, files }: Case, folder: string, way: Way): WeightSource {
    const path = join(folder, model);
    if (way === "bytes") return files[model];
    if (way === "file URL") return pathToFileURL(path);
    return way === "path" ? path : `http://${this.#host}/models/model/${model}`;
  }

  async #load({ network, options }: Case, source: WeightSource) {
    const limits: LoadOptions = { engine: "wasm", threads: 1 };
    try {
      const model: Model =
        network === undefined
          ? await this.#loader(source, limits)
          : await this.#loader(network, { ...options, ...limits, weights: source });
      return { model, problems: [] };
    } catch (error) {
      if (!MobileNetsError.is(error)) {
        return { problems: [`no error of ours: ${error instanceof Error ? error.stack : String(error)}`] };
      }
      const { message } = error;
      const problems: string[] = [];
      if (message.length > MAX_MESSAGE) problems.push(`an error of ${message.length} characters`);
      if (CONTROL.test(message)) problems.push(`an error with control characters: ${JSON.stringify(message)}`);
      return { message, problems };
    }
  }
}
