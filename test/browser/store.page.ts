/** What store.test.ts calls in the page. */
import type { Progress } from "../../packages/mobilenets/src/platform/store.ts";
import { fetchPublished } from "../../packages/mobilenets/src/platform/store-web.ts";
import type { Published } from "../../packages/mobilenets/src/weights/published/published.ts";

interface Fetched {
  readonly bytes: Uint8Array;
  readonly url: string;
  /** The last report of the download; undefined if there was none. */
  readonly progress?: Progress;
}

/** @param abortAt bytes after which the page changes its mind */
export async function fetched(file: Published, offline = false, abortAt = Number.POSITIVE_INFINITY): Promise<Fetched> {
  const stop = new AbortController();
  let progress: Progress | undefined;
  const onProgress = (now: Progress) => {
    progress = now;
    if (now.received >= abortAt) stop.abort();
  };
  const { bytes, url } = await fetchPublished(file, { offline, onProgress, signal: stop.signal }, async () => {});
  return { bytes, url, progress };
}

/** Addresses of what is in the cache. */
export async function cached(): Promise<readonly string[]> {
  const cache = await caches.open("mobilenets-weights");
  return (await cache.keys()).map(({ url }) => url);
}

export async function emptied(): Promise<void> {
  await caches.delete("mobilenets-weights");
}
