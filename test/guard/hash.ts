// What the guard's files share: hashes short enough to read, long enough to tell everything apart.
import { createHash } from "node:crypto";

/** Hashes by the name of what they were taken of. */
export type Hashes = Readonly<Record<string, string>>;

/** The first 64 bits of SHA-256, in hexadecimal. */
export function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
