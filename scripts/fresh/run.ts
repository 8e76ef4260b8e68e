import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams in order of arrival, without colours. */
  readonly text: string;
}

/** Environment without colours, telemetry and network except the registry, for all tools. */
const ENV = {
  ...process.env,
  NO_COLOR: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  DO_NOT_TRACK: "1",
  DENO_NO_UPDATE_CHECK: "1",
  // npm sets it for its scripts; the inner npm would then use this repository as its project.
  npm_config_local_prefix: undefined,
};

const ESCAPE = String.fromCharCode(27);
const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;]*m`, "g");

function start(command: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const [program, ...args] = command;
  return spawn(program, args, { cwd, env: { ...ENV, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
}

/** Runs a command and waits for its end. */
export function attempt(command: readonly string[], cwd: string): Promise<Output> {
  return new Promise((done, fail) => {
    const child = start(command, cwd);
    let stdout = "";
    let text = "";
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
      text += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, text: text.replace(COLOURS, "") }));
  });
}

/** @throws Error with the whole output, unless the command ends with exit code 0 */
export async function run(command: readonly string[], cwd: string): Promise<Output> {
  const output = await attempt(command, cwd);
  if (output.code !== 0) throw new Error(`${command.join(" ")}: exit code ${output.code}\n${output.text}`);
  return output;
}

const START_MS = 60_000;

/**
 * Starts a server, waits until it answers, uses it and ends it with all its children.
 * @param command gives program and arguments for a port, which the environment has too as PORT
 */
export async function withServer<T>(
  command: (port: number) => readonly string[],
  cwd: string,
  use: (origin: string) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = start(command(port), cwd, { PORT: `${port}` });
  let text = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on("data", (chunk) => {
      text += chunk;
    });
  }
  let ended = false;
  const end = new Promise<void>((done) => server.on("close", () => done())).then(() => {
    ended = true;
  });
  try {
    const deadline = Date.now() + START_MS;
    while (!(await fetch(origin).catch(() => null))) {
      if (ended || Date.now() > deadline) throw new Error(`no answer from ${command(port).join(" ")}\n${text}`);
      await new Promise((wake) => setTimeout(wake, 100));
    }
    return await use(origin).catch((error: Error) => {
      throw new Error(`${error.message}\n${text.replace(COLOURS, "")}`, { cause: error });
    });
  } finally {
    // The process group, because servers start children.
    if (!ended && server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
    await end;
  }
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
