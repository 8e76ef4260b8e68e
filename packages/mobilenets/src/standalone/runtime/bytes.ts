/** What base64 stands for, in memory of its own. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  // Of 2025; Node's is the next best.
  const native = (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  if (native) return native.call(Uint8Array, base64);
  const node = (globalThis as { Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> } }).Buffer;
  // A copy begins at offset 0: Node's own may lie anywhere in a pool.
  if (node) return new Uint8Array(node.from(base64, "base64"));
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
