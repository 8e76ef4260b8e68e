import type { IncomingMessage } from "node:http";
import { ReadError } from "mobilenets";
import { BUSY } from "./try-again.ts";

/** Hints by the error codes of object stores, which are in the XML of their answers. */
const HINTS: Readonly<Record<string, string>> = {
  AccessDenied: "may the key of AWS_ACCESS_KEY_ID read it?",
  AuthorizationQueryParametersError: "is AWS_REGION right?",
  ExpiredToken: "AWS_SESSION_TOKEN is too old",
  InvalidAccessKeyId: "is AWS_ACCESS_KEY_ID right?",
  InvalidToken: "is AWS_SESSION_TOKEN right?",
  PermanentRedirect: "is AWS_REGION right?",
  RequestTimeTooSkewed: "is the clock of this machine right?",
  SignatureDoesNotMatch: "is AWS_SECRET_ACCESS_KEY right?",
};
const MOST_BYTES = 4096;

/** The error for an answer other than 200. */
export async function refusal(response: IncomingMessage, where: string): Promise<ReadError> {
  const code = await codeOf(response);
  const status = `HTTP status ${response.statusCode} ${response.statusMessage}`.trimEnd();
  const found = code === undefined ? status : `${status} (${code})`;
  const usual = BUSY.includes(response.statusCode) ? "the server is busy: ask again later" : "is the address right?";
  return new ReadError({ where, found, expected: "200", hint: HINTS[code ?? ""] ?? usual });
}

async function codeOf(response: IncomingMessage): Promise<string | undefined> {
  if (!/\bxml\b/.test(response.headers["content-type"] ?? "")) return undefined;
  let text = "";
  try {
    for await (const piece of response.setEncoding("utf8")) {
      text += piece;
      if (text.length >= MOST_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  return /<Error>.*?<Code>(\w{1,64})<\/Code>/s.exec(text)?.[1];
}
