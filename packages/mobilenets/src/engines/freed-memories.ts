import { yieldToHost } from "#worker";

const freed = new Set<WeakRef<WebAssembly.Memory>>();

/**
 * Whether a model of `bytes` may reuse another model's memory: it is large enough, and most of it would be used.
 */
export const fits = ({ buffer: { byteLength } }: WebAssembly.Memory, bytes: number) =>
  byteLength >= bytes && byteLength < 2 * bytes + 2 ** 20;

/**
 * Offers a disposed model's memory to the next model. It is held weakly, so that the host can free it, often much later.
 * Until then, a new memory would take more, and would pay for first access.
 */
export function offerMemory(memory: WebAssembly.Memory): void {
  freed.add(new WeakRef(memory));
}

/** An offered memory that still exists and fits, with its old content; otherwise a new one from `allocate`. */
export async function freedOrNew(bytes: number, allocate: () => WebAssembly.Memory): Promise<WebAssembly.Memory> {
  const reused = freedMemory(bytes);
  if (reused) return reused;
  try {
    return allocate();
  } catch {
    // Memories that did not fit are held until the current task ends. Then there may be room.
    await yieldToHost();
    return allocate();
  }
}

function freedMemory(bytes: number): WebAssembly.Memory | undefined {
  for (const reference of freed) {
    const memory = reference.deref();
    if (memory && !fits(memory, bytes)) continue;
    freed.delete(reference);
    if (memory) return memory;
  }
  return undefined;
}
