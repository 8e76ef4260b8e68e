import type { Progress } from "../platform/store.ts";

/** A message of the page: a call, or a request to end one. */
export type Request =
  | { readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly abort: number };

/** A message of the thread. */
export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: PackedError }
  | { readonly id: number; readonly progress: Progress };

/** An error as plain data: messages lose an error's class. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly where?: string;
  readonly found?: string;
  readonly expected?: string;
  readonly hint?: string;
}
