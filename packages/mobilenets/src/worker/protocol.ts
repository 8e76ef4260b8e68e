import type { Progress } from "../platform/store.ts";

/** What the page sends: a call, or the wish that one may end. */
export type Request =
  | { readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly abort: number };

/** What the thread answers. */
export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: PackedError }
  | { readonly id: number; readonly progress: Progress };

/** An error as plain data: its class does not survive the way. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly where?: string;
  readonly found?: string;
  readonly expected?: string;
  readonly hint?: string;
}
