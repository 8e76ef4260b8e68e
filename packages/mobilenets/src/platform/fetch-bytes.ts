import { ReadError } from "./platform.ts";
import { checkLength, chunksOf, joinChunks, type ReadLimits, RequestWatch } from "./request-watch.ts";

/**
 * Fetches the content of a URL.
 * @throws ReadError for no response, a status other than 2xx, or a response beyond a limit
 */
export async function fetchBytes(url: string, limits: ReadLimits = {}): Promise<Uint8Array> {
  const where = url.startsWith("data:") ? "data URL" : url;
  const watch = new RequestWatch(where, limits);
  try {
    const response = await fetch(url, { signal: watch.signal });
    if (!response.ok) {
      const found = `HTTP status ${response.status} ${response.statusText}`.trimEnd();
      throw new ReadError({ where, found, expected: "200", hint: "is the address right?" });
    }
    checkLength(where, Number(response.headers.get("content-length")), limits);
    const chunks: Uint8Array[] = [];
    for await (const chunk of chunksOf(response, where, watch, limits)) chunks.push(chunk);
    return joinChunks(chunks);
  } catch (error) {
    if (error instanceof ReadError) throw error;
    // Node puts the reason (ECONNREFUSED, ENOTFOUND) into the cause of a plain "fetch failed".
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new ReadError({ where, found: `cannot be fetched (${reason})` }, { cause: error });
  } finally {
    watch.done();
  }
}
