const memories = new Set<WeakRef<WebAssembly.Memory>>();

/** Keeps track of every memory made from here on. */
export function watchWasmMemory(): void {
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, args: [WebAssembly.MemoryDescriptor]) {
      const memory = new target(...args);
      memories.add(new WeakRef(memory));
      return memory;
    },
  });
}

/** Bytes of the watched memories that something still holds on to, so far as the collector has found out. */
export function aliveWasmBytes(): number {
  let bytes = 0;
  for (const reference of memories) {
    const memory = reference.deref();
    if (memory) bytes += memory.buffer.byteLength;
    else memories.delete(reference);
  }
  return bytes;
}

/** Needs `--expose-gc`. A weak reference lets go only after the turn of the event loop that looked at it. */
export async function collect(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  globalThis.gc?.();
}
