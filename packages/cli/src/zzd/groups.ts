import type { Signature } from "./signature.ts";

/** Union-find (Tarjan) over indices, with one number per index. */
export class Groups {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, i) => i);
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    // The lower root stays, so the result does not depend on the order.
    if (x !== y) this.#parent[Math.max(x, y)] = Math.min(x, y);
  }

  find(index: number): number {
    let root = index;
    while (this.#parent[root] !== root) root = this.#parent[root];
    for (let at = index; at !== root; ) [at, this.#parent[at]] = [this.#parent[at], root];
    return root;
  }

  /** Groups of two and more, each in order. */
  lists(): number[][] {
    const lists = new Map<number, number[]>();
    for (let i = 0; i < this.#parent.length; i++) {
      const root = this.find(i);
      if (root === i && !lists.has(root)) lists.set(root, []);
      lists.get(root)?.push(i);
    }
    return [...lists.values()].filter((list) => list.length > 1);
  }
}

type Rated = Pick<Signature, "path" | "width" | "height" | "bytes" | "exif">;

/** Sorts the picture to keep first: by resolution, then EXIF, then file size, then name. */
export function better(a: Rated, b: Rated): number {
  return (
    b.width * b.height - a.width * a.height ||
    Number(b.exif) - Number(a.exif) ||
    b.bytes - a.bytes ||
    (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
  );
}
