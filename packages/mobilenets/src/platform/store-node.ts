// mobilenets/store: the cache of published weights on disk, for Node only.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, extname, join } from "node:path";
import { MobileNetsError } from "../errors.ts";
import type { Checksum, Published, Source } from "../weights/published/published.ts";
import { download } from "./download-node.ts";
import { withLock } from "./lock-node.ts";
import { ReadError } from "./platform.ts";
import type { FetchOptions, StoredFile, Verify, WeightStore } from "./store.ts";

export { JpegDecoder } from "../image/jpeg/decode.ts";
export { type Jpeg, parseJpeg } from "../image/jpeg/parse.ts";
export { bmpSize } from "./bmp.ts";
export { canDecodeHeic } from "./can-decode-heic.ts";
export { formatOf, type PictureFormat } from "./picture-format.ts";
export { isMachineFailure } from "./read-file-node.ts";

/** Data beside a cached file, by which later changes are detected. */
interface Pin {
  readonly url: string;
  readonly sha256: string;
}

/** The cache's folder: MOBILENETS_CACHE, or `mobilenets` in XDG_CACHE_HOME or `~/.cache`. */
export function cacheDirectory(): string {
  const { MOBILENETS_CACHE, XDG_CACHE_HOME } = process.env;
  return MOBILENETS_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "mobilenets", "weights");
}

/** The path of a cached file from a source, whether or not it exists. */
export function cachePath(file: Published, source: Source = file.sources[0]): string {
  return join(cacheDirectory(), `${file.name}${extname(new URL(source.url).pathname)}`);
}

/** Returns a published file from the cache, or fetches, checks and caches it. See `WeightStore`. */
export const fetchPublished: WeightStore["fetchPublished"] = async (file, options = {}, verify) => {
  const cached = await readCached(file, verify);
  if (cached) return cached;
  if (options.offline || process.env.MOBILENETS_OFFLINE === "1")
    throw unavailable(file, ["it is not in the cache, and --offline is set"]);
  await mkdir(dirname(cachePath(file)), { recursive: true });
  return withLock(`${cachePath(file)}.lock`, options.signal, async () => {
    // Another process may have fetched it during the wait.
    return (await readCached(file, verify)) ?? (await fetchFromAny(file, options, verify));
  });
};

/**
 * Returns the cached file, checked; null if there is none.
 * @param verify rejects bytes that are no such file
 * @throws ReadError if the file differs from the published or first fetched one
 */
export async function readCached(file: Published, verify: Verify): Promise<StoredFile | null> {
  for (const source of file.sources) {
    const path = cachePath(file, source);
    const bytes = await readFile(path).catch(() => null);
    if (!bytes) continue;
    const pin = await readPin(path);
    const sha256 = digest("sha256", bytes);
    if (pin && pin.sha256 !== sha256) throw altered(path, sha256, pin.sha256);
    if (!pin) {
      // The user put the file there, or its pin is damaged: it is checked as a download is.
      check(bytes, source.checksum, path);
      await verify(bytes, source.url);
      await writePin(path, { url: source.url, sha256 });
    } else await verify(bytes, pin.url);
    return { bytes, url: pin?.url ?? source.url };
  }
  return null;
}

async function fetchFromAny(file: Published, options: FetchOptions, verify: Verify): Promise<StoredFile> {
  const failures: string[] = [];
  for (const source of file.sources) {
    for (const url of [...mirrored(source.url), source.url]) {
      try {
        return await fetchFrom(url, source, cachePath(file, source), options, verify);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!MobileNetsError.is(error)) throw error;
        failures.push(error.message);
      }
    }
  }
  throw unavailable(file, failures);
}

async function fetchFrom(
  url: string,
  source: Source,
  path: string,
  options: FetchOptions,
  verify: Verify,
): Promise<StoredFile> {
  const part = `${path}.part`;
  await download(url, part, options);
  const bytes = await readFile(part);
  try {
    check(bytes, source.checksum, url);
    await verify(bytes, url);
  } catch (error) {
    // A wrong file must not be resumed.
    await rm(part, { force: true });
    throw error;
  }
  await writePin(path, { url, sha256: digest("sha256", bytes) });
  await rename(part, path);
  return { bytes, url };
}

/** MOBILENETS_MIRROR: addresses, separated by blanks, that have `<host>/<path>` of the originals below (`wget -x`). */
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
  if (text === null) return null;
  try {
    const { url, sha256 } = JSON.parse(text);
    if (typeof url === "string" && /^[0-9a-f]{64}$/.test(sha256)) return { url, sha256 };
  } catch {
    // The pin is truncated, perhaps by a full disk.
  }
  return null;
}

async function writePin(path: string, pin: Pin): Promise<void> {
  // The file is renamed into place, because a truncated pin would not fit its file.
  const written = `${path}.json.${process.pid}`;
  await writeFile(written, `${JSON.stringify(pin)}\n`);
  await rename(written, `${path}.json`);
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
