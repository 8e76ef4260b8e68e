const memories = new Set<WeakRef<WebAssembly.Memory>>();

/** Watches every memory created from now on. */
export function watchWasmMemory(): void {
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, args: [WebAssembly.MemoryDescriptor]) {
      const memory = new target(...args);
      memories.add(new WeakRef(memory));
      return memory;
    },
  });
}

/** Bytes of the watched memories that are not yet collected. */
export function aliveWasmBytes(): number {
  let bytes = 0;
  for (const reference of memories) {
    const memory = reference.deref();
    if (memory) bytes += memory.buffer.byteLength;
    else memories.delete(reference);
  }
  return bytes;
}

/** Collects garbage; needs `--expose-gc`. Weak references stay alive until the end of the task that read them. */
export async function collect(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  globalThis.gc?.();
}
