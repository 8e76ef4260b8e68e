import type { Published } from "../weights/published/published.ts";
import type { ReadLimits } from "./request-watch.ts";

/** Where published weight files are kept once fetched. `#store` is `store-node.ts` in Node, `store-web.ts` in browsers. */
export interface WeightStore {
  /**
   * The bytes of a published file: from the cache, else fetched, checked and cached.
   * @param verify reads them, and rejects what is no such file: that is not cached, and other sources are asked
   * @throws ReadError if it cannot be had, saying how to fetch it by hand
   */
  fetchPublished(file: Published, options: FetchOptions | undefined, verify: Verify): Promise<StoredFile>;
}

/** Rejects bytes that are no weight file; `url` tells what they should be. */
export type Verify = (bytes: Uint8Array, url: string) => Promise<void>;

export interface StoredFile {
  readonly bytes: Uint8Array;
  /** Where it came from; its ending tells what was fetched. */
  readonly url: string;
}

/** How published weights are fetched, and the limits of every read. */
export interface FetchOptions extends ReadLimits {
  /** Never go to the network. In Node also by the environment variable MOBILENETS_OFFLINE=1. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far a download is. */
export interface Progress {
  readonly url: string;
  /** Bytes so far, those of an earlier, interrupted attempt included. */
  readonly received: number;
  /** Bytes in all, where the server says. */
  readonly total?: number;
}
