import type { Published } from "../weights/published/published.ts";
import type { ReadLimits } from "./request-watch.ts";

/** The cache of published weight files. `#store` is `store-node.ts` in Node, `store-web.ts` in browsers. */
export interface WeightStore {
  /**
   * Returns a published file from the cache, or fetches, checks and caches it.
   * @param verify rejects bytes that are no such file: they are not cached, and the next source is tried
   * @throws ReadError if no source has it, with how to fetch it by hand
   */
  fetchPublished(file: Published, options: FetchOptions | undefined, verify: Verify): Promise<StoredFile>;
}

/** Rejects bytes that are no weight file of the format that `url` implies. */
export type Verify = (bytes: Uint8Array, url: string) => Promise<void>;

export interface StoredFile {
  readonly bytes: Uint8Array;
  /** The source; its extension gives the format. */
  readonly url: string;
}

/** Options of fetching published weights, with the limits of every read. */
export interface FetchOptions extends ReadLimits {
  /** Does not use the network. In Node also by the environment variable MOBILENETS_OFFLINE=1. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Progress of a download. */
export interface Progress {
  readonly url: string;
  /** Bytes so far, including those of an earlier, interrupted attempt. */
  readonly received: number;
  /** Total number of bytes, if the server gives it. */
  readonly total?: number;
}
