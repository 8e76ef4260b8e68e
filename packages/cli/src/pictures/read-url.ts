import type { IncomingMessage } from "node:http";
import { ReadError } from "mobilenets";
import { collect } from "./collect.ts";
import { get } from "./http-get.ts";
import type { Limits } from "./limits.ts";
import type { Share } from "./memory-budget.ts";
import { RequestTimer } from "./request-timer.ts";

const MAX_REDIRECTS = 5;

/** Whether an argument is an address to fetch rather than a path. */
export function isUrl(input: string): boolean {
  return /^https?:\/\//i.test(input);
}

/**
 * The content behind an http(s) address, within limits: of bytes, of time, of redirects, and of where they lead.
 * @throws ReadError naming the limit, or what the server answered
 */
export async function readUrl(address: string, limits: Limits, share: Share): Promise<Uint8Array> {
  const timer = new RequestTimer(address, limits);
  let response: IncomingMessage | undefined;
  try {
    let url = toUrl(address, undefined);
    for (let redirects = 0; ; redirects++) {
      response = await get(url, address, limits, timer.signal);
      timer.moved();
      const next = redirectOf(response, address, url);
      if (!next) {
        return await bodyOf(response, address, limits, async (bytes) => {
          // Who waits for memory is not idle.
          timer.pause();
          await share.grow(bytes);
          timer.moved();
        });
      }
      response.destroy();
      if (redirects === MAX_REDIRECTS) {
        throw new ReadError({ where: address, found: `more than ${MAX_REDIRECTS} redirects`, expected: "a picture" });
      }
      url = next;
    }
  } catch (error) {
    // Whatever breaks when time is up, it is for that reason.
    if (timer.signal.aborted) throw timer.signal.reason;
    if (error instanceof ReadError) throw error;
    throw new ReadError({ where: address, found: `cannot be fetched (${reasonOf(error)})` }, { cause: error });
  } finally {
    response?.destroy();
    timer.end();
  }
}

/** @param base of a relative address, as redirects have them; @throws ReadError for other protocols */
function toUrl(text: string, base: URL | undefined, where = text): URL {
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  const found = base ? `a redirect to ${text.slice(0, 200)}` : "no valid address";
  throw new ReadError({ where, found, expected: "an address that begins with http:// or https://" });
}

const REDIRECTS = [301, 302, 303, 307, 308];

function redirectOf({ statusCode, headers }: IncomingMessage, where: string, base: URL): URL | undefined {
  if (!REDIRECTS.includes(statusCode!) || headers.location === undefined) return undefined;
  return toUrl(headers.location, base, where);
}

async function bodyOf(
  response: IncomingMessage,
  where: string,
  { maxBytes }: Limits,
  onChunk: (bytes: number) => Promise<void>,
): Promise<Uint8Array> {
  const { statusCode, statusMessage, headers } = response;
  if (statusCode !== 200) {
    const found = `HTTP status ${statusCode} ${statusMessage}`.trimEnd();
    throw new ReadError({ where, found, expected: "200", hint: "is the address right?" });
  }
  // A few kilobytes can unpack to gigabytes, and pictures are compressed already.
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new ReadError({ where, found: `content-encoding ${encoding}`, expected: "none, as asked for" });
  }
  return collect(response, where, maxBytes, { size: Number(headers["content-length"]), onChunk });
}

/** Of a failed request: Node puts what happened in a code, or, of several addresses, in the first one's error. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
