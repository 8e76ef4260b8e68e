import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, extname, join } from "node:path";
import type { Checksum, Published, Source } from "../weights/published.ts";
import { download } from "./download-node.ts";
import { withLock } from "./lock-node.ts";
import { ReadError } from "./platform.ts";
import type { FetchOptions, StoredFile, WeightStore } from "./store.ts";

/** What is remembered beside a cached file, so that later changes are noticed. */
interface Pin {
  readonly url: string;
  readonly sha256: string;
}

/** MOBILENETS_CACHE, else `mobilenets` in XDG_CACHE_HOME or `~/.cache`. */
export function cacheDirectory(): string {
  const { MOBILENETS_CACHE, XDG_CACHE_HOME } = process.env;
  return MOBILENETS_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "mobilenets", "weights");
}

/** Where a file lies, or would, when it comes from that source. */
export function cachePath(file: Published, source: Source = file.sources[0]): string {
  return join(cacheDirectory(), `${file.name}${extname(new URL(source.url).pathname)}`);
}

/** The bytes of a published file: from the cache, else fetched, checked and cached. See `WeightStore`. */
export const fetchPublished: WeightStore["fetchPublished"] = async (file, options = {}) => {
  const cached = await readCached(file);
  if (cached) return cached;
  if (options.offline || process.env.MOBILENETS_OFFLINE === "1")
    throw unavailable(file, ["it is not in the cache, and --offline is set"]);
  await mkdir(dirname(cachePath(file)), { recursive: true });
  return withLock(`${cachePath(file)}.lock`, options.signal, async () => {
    // Another process may have fetched it while this one waited.
    return (await readCached(file)) ?? (await fetchFromAny(file, options));
  });
};

/**
 * The cached file, checked; null if there is none.
 * @throws ReadError if it is not what was published or what was fetched first
 */
export async function readCached(file: Published): Promise<StoredFile | null> {
  for (const source of file.sources) {
    const path = cachePath(file, source);
    const bytes = await readFile(path).catch(() => null);
    if (!bytes) continue;
    const pin = await readPin(path);
    const sha256 = digest("sha256", bytes);
    if (pin && pin.sha256 !== sha256) throw altered(path, sha256, pin.sha256);
    if (!pin) {
      // Put there by hand: it has to pass as a download would.
      check(bytes, source.checksum, path);
      await writePin(path, { url: source.url, sha256 });
    }
    return { bytes, url: pin?.url ?? source.url };
  }
  return null;
}

async function fetchFromAny(file: Published, options: FetchOptions): Promise<StoredFile> {
  const failures: string[] = [];
  for (const source of file.sources) {
    for (const url of [...mirrored(source.url), source.url]) {
      try {
        return await fetchFrom(url, source, cachePath(file, source), options);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof ReadError)) throw error;
        failures.push(error.message);
      }
    }
  }
  throw unavailable(file, failures);
}

async function fetchFrom(url: string, source: Source, path: string, options: FetchOptions): Promise<StoredFile> {
  const part = `${path}.part`;
  await download(url, part, options);
  const bytes = await readFile(part);
  try {
    check(bytes, source.checksum, url);
  } catch (error) {
    // What is wrong is not to be continued.
    await rm(part, { force: true });
    throw error;
  }
  await writePin(path, { url, sha256: digest("sha256", bytes) });
  await rename(part, path);
  return { bytes, url };
}

/** MOBILENETS_MIRROR: addresses, separated by blanks, under which `<host>/<path>` of the originals lies (`wget -x`). */
function mirrored(url: string): string[] {
  const { host, pathname } = new URL(url);
  const mirrors = (process.env.MOBILENETS_MIRROR ?? "").split(/\s+/).filter((mirror) => mirror !== "");
  return mirrors.map((mirror) => `${mirror.replace(/\/$/, "")}/${host}${pathname}`);
}

function check(bytes: Uint8Array, checksum: Checksum | undefined, where: string): void {
  if (!checksum) return;
  const { algorithm, hex } = checksum;
  const found = digest(algorithm, bytes);
  if (found.startsWith(hex)) return;
  throw new ReadError({
    where,
    found: `${algorithm} ${found}`,
    expected: hex,
    hint: "damaged on the way, or replaced",
  });
}

function digest(algorithm: Checksum["algorithm"], bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

async function readPin(path: string): Promise<Pin | null> {
  const text = await readFile(`${path}.json`, "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as Pin);
}

async function writePin(path: string, pin: Pin): Promise<void> {
  await writeFile(`${path}.json`, `${JSON.stringify(pin)}\n`);
}

function altered(path: string, found: string, expected: string): ReadError {
  const hint = "it changed since it was fetched: delete it, and it will be fetched again";
  return new ReadError({ where: path, found: `sha256 ${found}`, expected, hint });
}

function unavailable(file: Published, failures: readonly string[]): ReadError {
  const [source] = file.sources;
  return new ReadError({
    where: file.name,
    found: `cannot be fetched (${failures.join("; ")})`,
    hint: `fetch ${source.url} by other means and save it as ${cachePath(file, source)}`,
  });
}
