import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

// biome-ignore lint/suspicious/noExplicitAny: functions of any signature are wrapped
type Fn = (...args: any[]) => any;

/** Functions that read or list contents; links are resolved. */
const READS = ["open", "openSync", "readFile", "readFileSync", "createReadStream", "readdir", "readdirSync", "opendir"];
/** Functions that only ask for properties; the named path counts. */
const LOOKS = [
  "stat",
  "statSync",
  "lstat",
  "lstatSync",
  "access",
  "realpath",
  "realpathSync",
  "readlink",
  "readlinkSync",
];
/** Functions that write, which loading a model never needs. */
const WRITES = [
  "writeFile",
  "appendFile",
  "mkdir",
  "rm",
  "unlink",
  "rename",
  "symlink",
  "link",
  "copyFile",
  "cp",
  "rmdir",
];

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Whether a path is a module, which may be loaded lazily. */
const isCode = (path: string) => path.startsWith(root) && /\.([cm]?[jt]s|json)$|[\\/]node_modules[\\/]/.test(path);

/** Watches reads, lists, writes and network requests from its creation on. One per process. */
export class AccessWatch {
  #folder: string | undefined;
  #host = "";
  #found: string[] = [];
  readonly #realpath = fs.realpathSync;

  constructor() {
    for (const module of [fs, fs.promises] as unknown as Record<string, Fn>[]) {
      for (const name of READS) this.#wrap(module, name, (path) => this.#read(name, path));
      for (const name of LOOKS) this.#wrap(module, name, (path) => this.#look(name, path));
      for (const name of WRITES) this.#wrap(module, name, (path) => this.#note(`${name} of ${path}`));
    }
    syncBuiltinESMExports();
    const connect = net.Socket.prototype.connect as Fn;
    const watch = this;
    net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
      const [first] = args.flat();
      const { host, port, path } = (typeof first === "object" ? first : {}) as net.TcpNetConnectOpts & {
        path?: string;
      };
      const to = path ?? `${host}:${port}`;
      if (to !== watch.#host) watch.#note(`a connection to ${to}`);
      return connect.apply(this, args);
    } as typeof net.Socket.prototype.connect;
    const { fetch } = globalThis;
    globalThis.fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : String(input));
      // fetch resolves data: URLs without a request.
      if (url.protocol !== "data:" && url.host !== this.#host) this.#note(`a request to ${url}`);
      return fetch(input, init);
    };
  }

  /** @param folder the only folder that may be read; @param host `name:port`, the only host that may be contacted */
  begin(folder: string, host: string): void {
    this.#found = [];
    this.#folder = this.#realpath(folder);
    this.#host = host;
  }

  /** Ends the watch and returns the violations. */
  end(): string[] {
    this.#folder = undefined;
    return this.#found;
  }

  #wrap(module: Record<string, Fn>, name: string, note: (path: string) => void): void {
    const original = module[name];
    if (typeof original !== "function") return;
    module[name] = Object.assign((...args: unknown[]) => {
      const [given] = args;
      if (this.#folder !== undefined && typeof given !== "number") note(placeOf(given));
      return original.apply(module, args);
    }, original);
  }

  #read(what: string, path: string): void {
    let real = resolve(path);
    try {
      real = this.#realpath(path);
    } catch {
      // A missing file counts by its path.
      real = resolve(path);
    }
    if (!this.#isInside(real) && !isCode(real)) this.#note(`${what} of ${path}${real === path ? "" : ` (${real})`}`);
  }

  #look(what: string, path: string): void {
    const place = resolve(path);
    if (!this.#isInside(place) && !isCode(place) && place !== dirname(`${this.#folder}${sep}x`)) {
      this.#note(`${what} of ${path}`);
    }
  }

  #isInside(path: string): boolean {
    return path.startsWith(`${this.#folder}${sep}`);
  }

  #note(what: string): void {
    if (this.#folder !== undefined) this.#found.push(what);
  }
}

function placeOf(given: unknown): string {
  if (given instanceof URL) return fileURLToPath(given);
  return Buffer.isBuffer(given) ? given.toString() : String(given);
}
