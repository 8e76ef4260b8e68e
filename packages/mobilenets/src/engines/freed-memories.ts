const freed = new Set<WeakRef<WebAssembly.Memory>>();

/** Whether a model of so many bytes may have a memory that another had: not if most of it would lie idle. */
export const fits = ({ buffer: { byteLength } }: WebAssembly.Memory, bytes: number) =>
  byteLength >= bytes && byteLength < 2 * bytes + 2 ** 20;

/**
 * Offers a disposed model's memory to the next model. It is held weakly: the host may take it back at any time, but
 * often does so late, and meanwhile a new memory would only add to what is held, and cost its first touch.
 */
export function offerMemory(memory: WebAssembly.Memory): void {
  freed.add(new WeakRef(memory));
}

/** A memory that was offered, is still there and fits; it holds what the other model left. */
export function reuseMemory(bytes: number): WebAssembly.Memory | undefined {
  for (const reference of freed) {
    const memory = reference.deref();
    if (memory && !fits(memory, bytes)) continue;
    freed.delete(reference);
    if (memory) return memory;
  }
  return undefined;
}
