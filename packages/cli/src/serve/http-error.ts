import { ImageError, MobileNetsError, OptionError, ReadError } from "mobilenets";
import { Unwanted } from "./batcher.ts";

/** An error answer: its HTTP status, and the code and message for the caller. */
export class HttpError extends Error {
  readonly status: number;
  /** The kind of error, for programs, such as `queue_full`. */
  readonly code: string;
  /** Seconds until the caller should try again. */
  readonly retryAfter?: number;

  constructor(status: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The body of an error answer: `{"error": {...}}`, or the same object in place of a picture's result. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
}

/** Our messages for errors of Fastify and its plug-ins, by status. */
const byStatus: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ["bad_request", "the request cannot be read: is its body whole, and of the type that its header says?"],
  404: ["not_found", "no such address: /openapi.json lists them"],
  408: ["timeout", "the request did not arrive in time"],
  413: ["too_large", "the body is larger than the server takes: --max-body of the server raises the limit"],
  415: [
    "unsupported_type",
    "the body's type is not supported: expected image/*, application/json or multipart/form-data",
  ],
  429: ["rate_limited", "too many requests: wait as long as the header Retry-After says"],
  431: ["headers_too_large", "the headers are too large"],
};

/** Turns any error into an answer. Errors of the server itself tell nothing about its inside. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof ImageError || error instanceof ReadError) {
    return new HttpError(422, "bad_picture", error.message);
  }
  if (error instanceof OptionError) return new HttpError(422, "not_possible", error.message);
  // Only the metrics use it. The caller is gone.
  if (error instanceof Unwanted) return new HttpError(499, "gone", "the caller has ended the connection");
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  if (!MobileNetsError.is(error) && typeof status === "number" && status >= 400 && status < 500) {
    const [code, message] = byStatus[status] ?? byStatus[400];
    return new HttpError(status, code, message);
  }
  return new HttpError(500, "internal", "the server failed; its log says why");
}

export function errorBody({ code, message }: HttpError): ErrorBody {
  return { code, message };
}
