import { ReadError } from "./platform.ts";

/** @throws ReadError if there is no answer or a status other than 2xx. */
export async function fetchBytes(url: string): Promise<Uint8Array> {
  const where = url.startsWith("data:") ? "data URL" : url;
  try {
    const response = await fetch(url);
    if (!response.ok) {
      const found = `HTTP status ${response.status} ${response.statusText}`.trimEnd();
      throw new ReadError({ where, found, expected: "200", hint: "is the address right?" });
    }
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof ReadError) throw error;
    // Node hides the reason (ECONNREFUSED, ENOTFOUND) in the cause of a plain "fetch failed".
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new ReadError({ where, found: `cannot be fetched (${reason})` }, { cause: error });
  }
}
