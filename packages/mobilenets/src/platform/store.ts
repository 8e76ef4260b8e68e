import type { Published } from "../weights/published.ts";

/** Where published weight files are kept once fetched. `#store` is `store-node.ts` in Node, `store-web.ts` in browsers. */
export interface WeightStore {
  /**
   * The bytes of a published file: from the cache, else fetched, checked and cached.
   * @throws ReadError if it cannot be had, saying how to fetch it by hand
   */
  fetchPublished(file: Published, options?: FetchOptions): Promise<StoredFile>;
}

export interface StoredFile {
  readonly bytes: Uint8Array;
  /** Where it came from; its ending tells what was fetched. */
  readonly url: string;
}

/** How published weights are fetched. */
export interface FetchOptions {
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
