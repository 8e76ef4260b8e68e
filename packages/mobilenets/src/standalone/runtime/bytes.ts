/** Decodes base64 into memory of its own. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  // Hosts have it from 2025 on; Node's `Buffer` is the next best.
  const native = (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  if (native) return native.call(Uint8Array, base64);
  const node = (globalThis as { Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> } }).Buffer;
  // A copy begins at offset 0; Node's own buffer may lie anywhere in a pool.
  if (node) return new Uint8Array(node.from(base64, "base64"));
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
