import { MobileNetsError } from "../errors.ts";
import type { Checksum, Published } from "../weights/published/published.ts";
import { ReadError } from "./platform.ts";
import { chunksOf, joinChunks, RequestWatch } from "./request-watch.ts";
import type { FetchOptions, StoredFile, WeightStore } from "./store.ts";

/** Name of our cache in Cache Storage. */
const CACHE = "mobilenets-weights";

export const fetchPublished: WeightStore["fetchPublished"] = async (file, options = {}, verify) => {
  // Insecure origins have no Cache Storage: every visit fetches.
  const cache = await globalThis.caches?.open(CACHE);
  for (const { url } of file.sources) {
    const cached = await cache?.match(url);
    if (!cached) continue;
    const bytes = new Uint8Array(await cached.arrayBuffer());
    try {
      await verify(bytes, url);
      return { bytes, url };
    } catch {
      // A partial file, from a visit that ended early or a full disk, is fetched again.
      await cache?.delete(url);
    }
  }
  if (options.offline) throw unavailable(file, ["it is not in the cache, and offline is set"]);
  const failures: string[] = [];
  for (const { url, checksum } of file.sources) {
    try {
      const stored = await fetchFrom(url, checksum, options);
      await verify(stored.bytes, url);
      // A full disk must not prevent loading.
      await cache?.put(url, new Response(new Uint8Array(stored.bytes))).catch(() => {});
      return stored;
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(MobileNetsError.is(error) ? error.message : brokenOff(url, error as Error));
    }
  }
  throw unavailable(file, failures);
};

async function fetchFrom(url: string, checksum: Checksum | undefined, options: FetchOptions): Promise<StoredFile> {
  const watch = new RequestWatch(url, options, options.signal);
  try {
    const response = await fetch(url, { signal: watch.signal });
    if (response.status !== 200) throw new ReadError({ where: url, found: `HTTP status ${response.status}` });
    const total = Number(response.headers.get("content-length")) || undefined;
    const chunks: Uint8Array[] = [];
    let received = 0;
    for await (const chunk of chunksOf(response, url, watch, options)) {
      chunks.push(chunk);
      received += chunk.length;
      options.onProgress?.({ url, received, total });
    }
    if (received === 0) throw new ReadError({ where: url, found: "an empty answer" });
    const bytes = joinChunks(chunks);
    await check(bytes, checksum, url);
    return { bytes, url };
  } finally {
    watch.done();
  }
}

/** Browsers do not compute md5; files with such a checksum are only read. */
async function check(bytes: Uint8Array<ArrayBuffer>, checksum: Checksum | undefined, where: string): Promise<void> {
  if (checksum?.algorithm !== "sha256" || !globalThis.crypto?.subtle) return;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found.startsWith(checksum.hex)) return;
  throw new ReadError({
    where,
    found: `sha256 ${found}`,
    expected: checksum.hex,
    hint: "damaged on the way, or replaced",
  });
}

/** The text for a failed request; browsers hide the reason from pages. */
function brokenOff(url: string, { message }: Error): string {
  return `${url}: ${message}; the connection broke, or the host does not let other sites read it (CORS)`;
}

function unavailable(file: Published, failures: readonly string[]): ReadError {
  const hint = `fetch ${file.sources[0].url} by other means, serve it from your own site and load it by its address`;
  return new ReadError({ where: file.name, found: `cannot be fetched (${failures.join("; ")})`, hint });
}
