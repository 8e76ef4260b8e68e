import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folder.ts";

/** A Redis of the test's own, which it may stop and start. */
export class TestRedis {
  readonly url: string;
  readonly #port: number;
  #dir: string;
  #server: ChildProcess | undefined;

  readonly #more: readonly string[];

  private constructor(port: number, dir: string, more: readonly string[]) {
    this.#more = more;
    this.#port = port;
    this.#dir = dir;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** @param more options of the server */
  static async start(...more: readonly string[]): Promise<TestRedis> {
    const redis = new TestRedis(await freePort(), await temporaryFolder(), more);
    await redis.start();
    return redis;
  }

  /** With what it kept, or with nothing. */
  async start({ empty = false } = {}): Promise<void> {
    if (empty) this.#dir = await temporaryFolder();
    const args = ["--port", String(this.#port), "--bind", "127.0.0.1", "--appendonly", "yes", "--dir", this.#dir];
    const server = spawn("redis-server", [...args, ...this.#more], { stdio: "ignore" });
    let failure: Error | undefined;
    server.on("error", (error) => {
      failure = error;
    });
    this.#server = server;
    // The hook that stops it runs when nothing else is left to wait for.
    server.unref();
    for (let i = 0; i < 100; i++) {
      await sleep(50);
      if (failure)
        throw new Error(`redis-server cannot be started (${failure.message}): bash scripts/setup.sh installs it`);
      if (await answers(this.#port)) return;
    }
    throw new Error(`redis-server gives no answer at ${this.url} within 5 s`);
  }

  /** It takes connections, and gives no answer any more. */
  freeze(): void {
    this.#server!.kill("SIGSTOP");
  }

  thaw(): void {
    this.#server!.kill("SIGCONT");
  }

  /** It writes down what it holds. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server || server.exitCode !== null) return;
    server.ref();
    server.kill(signal);
    await once(server, "close");
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(/^(\+PONG|-NOAUTH)/.test(data.toString()));
    });
    socket.once("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
