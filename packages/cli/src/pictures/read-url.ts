import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { ReadError } from "mobilenets";
import { collect } from "./collect.ts";
import { get } from "./http-get.ts";
import type { Limits } from "./limits.ts";
import type { Share } from "./memory-budget.ts";
import { refusal } from "./refusal.ts";
import { RequestTimer } from "./request-timer.ts";
import { tryAgain } from "./try-again.ts";

const MAX_REDIRECTS = 5;

/** True for an address to fetch, false for a path. */
export function isUrl(input: string): boolean {
  return /^https?:\/\//i.test(input);
}

/**
 * Fetches an http(s) address within limits: of bytes, of time, and of the number and targets of redirects. A busy server
 * is asked again.
 * @param where name for errors, for an address that must stay secret
 * @throws ReadError with the limit, or the server's answer
 */
export async function readUrl(address: string, limits: Limits, share: Share, where = address): Promise<Uint8Array> {
  const answer = await request(address, limits, where);
  const { timer, response } = answer;
  try {
    return await collect(response, where, limits.maxBytes, {
      size: Number(response.headers["content-length"]),
      onChunk: async (bytes) => {
        // Waiting for memory does not count as idle time.
        timer.pause();
        await share.grow(bytes);
        timer.moved();
      },
    });
  } catch (error) {
    throw failureOf(error, where, timer);
  } finally {
    answer.end();
  }
}

/**
 * Like `readUrl`, but as a stream without a limit of bytes.
 * @throws ReadError, also from the stream
 */
export async function streamUrl(address: string, limits: Limits, where = address): Promise<Readable> {
  const { timer, response, end } = await request(address, limits, where);
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of response) {
        // A slow caller does not count as idle time.
        timer.pause();
        yield piece;
        timer.moved();
      }
    } catch (error) {
      throw failureOf(error, where, timer);
    } finally {
      end();
    }
  }
  return Readable.from(pieces());
}

interface Answer {
  readonly timer: RequestTimer;
  readonly response: IncomingMessage;
  end(): void;
}

/** Follows redirects to the answer with the content. */
async function request(address: string, limits: Limits, where: string): Promise<Answer> {
  const timer = new RequestTimer(where, limits);
  let response: IncomingMessage | undefined;
  const end = () => {
    response?.destroy();
    timer.end();
  };
  try {
    let url = toUrl(address, undefined, where);
    for (let redirects = 0; ; redirects++) {
      const to = url;
      response = await tryAgain(() => get(to, where, limits, timer.signal), timer);
      timer.moved();
      const next = redirectOf(response, where, url);
      if (!next) {
        if (response.statusCode !== 200) throw await refusal(response, where);
        checkEncoding(response, where);
        return { timer, response, end };
      }
      response.destroy();
      if (redirects === MAX_REDIRECTS) {
        throw new ReadError({ where, found: `more than ${MAX_REDIRECTS} redirects`, expected: "a picture" });
      }
      url = next;
    }
  } catch (error) {
    end();
    throw failureOf(error, where, timer);
  }
}

/** The reason of a failure. After an abort, it is always the abort's reason. */
function failureOf(error: unknown, where: string, timer: RequestTimer): unknown {
  if (timer.signal.aborted) return timer.signal.reason;
  if (error instanceof ReadError) return error;
  return new ReadError({ where, found: `cannot be fetched (${reasonOf(error)})` }, { cause: error });
}

/**
 * @param base of a relative address, which redirects may have
 * @throws ReadError for other protocols
 */
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

function checkEncoding({ headers }: IncomingMessage, where: string): void {
  // A few kilobytes can unpack to gigabytes, and pictures are already compressed.
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new ReadError({ where, found: `content-encoding ${encoding}`, expected: "none, as requested" });
  }
}

/** The message of a failed request. For a host with several addresses, Node wraps the errors of all. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
