import { ImageError, type Picture, type Preprocessing } from "mobilenets";
import { decodeBytes } from "../pictures/decode-bytes.ts";
import { decodedBytes } from "../pictures/decoded-bytes.ts";
import { type Limits, limitsOf } from "../pictures/limits.ts";
import { MemoryBudget, type Share } from "../pictures/memory-budget.ts";
import { isUrl, readUrl } from "../pictures/read-url.ts";
import type { Sent } from "./body.ts";
import { HttpError } from "./http-error.ts";
import type { ServeFlags } from "./settings.ts";

/** Decodes the pictures of callers, within limits. All callers share one memory budget. */
export class Decoder {
  readonly #limits: Limits;
  readonly #urls: boolean;
  readonly #budget: MemoryBudget;

  constructor(flags: ServeFlags) {
    const limits = limitsOf(flags);
    this.#limits = { ...limits, maxBytes: flags.maxBody * 1e6 };
    this.#urls = flags.urls === true;
    this.#budget = new MemoryBudget(limits.memoryBytes);
  }

  /**
   * @param reduceTo see `Limits`
   * @returns the picture, and the share of memory that it holds until the share is closed
   * @throws ImageError, ReadError, HttpError
   */
  async decode(
    { name, bytes, url }: Sent,
    reduceTo?: Preprocessing,
  ): Promise<{ readonly picture: Picture; readonly share: Share }> {
    const content = bytes ?? (await this.#fetch(name, url!));
    const share = this.#budget.open();
    try {
      await share.grow(await this.#room(name, content));
      return { picture: await decodeBytes(content, { ...this.#limits, reduceTo }), share };
    } catch (error) {
      share.close();
      if (!(error instanceof ImageError)) throw error;
      // The caller knows this name, and cannot set an option of the library.
      const hint = error.hint?.includes("limitPixels") ? "send a smaller one" : error.hint;
      throw new ImageError({ where: name, found: error.found, expected: error.expected, hint }, { cause: error });
    }
  }

  async #fetch(name: string, url: string): Promise<Uint8Array> {
    if (!this.#urls) {
      throw new HttpError(422, "urls_off", `${name}: this server fetches no addresses: send the picture itself`);
    }
    if (!isUrl(url)) throw new HttpError(422, "bad_url", `${name}: expected an address with http:// or https://`);
    return readUrl(url, this.#limits, new MemoryBudget(Number.POSITIVE_INFINITY).open());
  }

  /** @throws ImageError for a picture that takes more than the whole memory budget */
  async #room(name: string, bytes: Uint8Array): Promise<number> {
    const { maxPixels, memoryBytes } = this.#limits;
    const decoded = await decodedBytes(bytes, maxPixels);
    if (decoded <= memoryBytes) return decoded;
    const found = `${decoded} bytes of pixels, more than the server's memory for pictures holds`;
    throw new ImageError({ where: name, found, hint: "send a smaller one" });
  }
}
