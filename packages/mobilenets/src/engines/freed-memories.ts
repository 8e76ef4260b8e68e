import { yieldToHost } from "#worker";

const freed = new Set<WeakRef<WebAssembly.Memory>>();

/**
 * Whether a model of so many bytes may take a memory that another model had. It may not if most of it would lie idle.
 */
export const fits = ({ buffer: { byteLength } }: WebAssembly.Memory, bytes: number) =>
  byteLength >= bytes && byteLength < 2 * bytes + 2 ** 20;

/**
 * Offers a disposed model's memory to the next model. The memory is held weakly, so the host may take it back, often
 * much later. Until then a new memory would add to what is held, and would have to be touched for the first time.
 */
export function offerMemory(memory: WebAssembly.Memory): void {
  freed.add(new WeakRef(memory));
}

/** A memory that was offered, is still there and fits, holding what the other model left; else what `allocate` makes. */
export async function freedOrNew(bytes: number, allocate: () => WebAssembly.Memory): Promise<WebAssembly.Memory> {
  const reused = freedMemory(bytes);
  if (reused) return reused;
  try {
    return allocate();
  } catch {
    // Memories that did not fit are held until this turn of the event loop ends. Without them there may be room.
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
