const PAGE = 65_536;

/** What vectors of 128 bits are loaded from most cheaply. */
const ALIGNMENT = 16;

/**
 * Lays areas one after the other into a memory of kernels, which grows for them. Views of before are void.
 * @param start the first free address, in bytes
 * @param most the areas' end at most, in bytes
 * @param sizes of the areas, in bytes
 * @returns their addresses; undefined if they are too much
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
