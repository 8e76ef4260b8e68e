/** Bytes per call of `String.fromCharCode`: a multiple of 3, so that the pieces join without padding. */
const PIECE = 3 * 8192;

/** Encodes bytes as base64, in any host. */
export function toBase64(bytes: Uint8Array): string {
  // Hosts have it from 2025 on.
  const native = (bytes as { toBase64?: () => string }).toBase64;
  if (native) return native.call(bytes);
  const node = (globalThis as { Buffer?: typeof Buffer }).Buffer;
  if (node) return node.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE))));
  }
  return pieces.join("");
}
