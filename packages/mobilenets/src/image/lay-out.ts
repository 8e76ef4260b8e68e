const PAGE = 65_536;

/** Alignment for the fastest loads of 128-bit vectors. */
const ALIGNMENT = 16;

/**
 * Places areas one after the other in the kernels' memory, which grows if needed; older views become invalid.
 * @param start the first free address, in bytes
 * @param most limit of the areas' end, in bytes
 * @param sizes sizes of the areas, in bytes
 * @returns the addresses; undefined if the areas are too large
 */
export function layOut<Name extends string>(
  memory: WebAssembly.Memory,
  start: number,
  most: number,
  sizes: Readonly<Record<Name, number>>,
): Record<Name, number> | undefined {
  let end = start;
  const places = Object.entries<number>(sizes).map(([name, size]) => {
    const at = end;
    end += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    return [name, at];
  });
  if (end > most) return undefined;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) {
    try {
      memory.grow(Math.ceil(missing / PAGE));
    } catch {
      return undefined;
    }
  }
  return Object.fromEntries(places);
}
