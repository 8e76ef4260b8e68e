/** The pictures that a person has shown so far in any view: views that compare pictures share them. */
export interface Pool {
  readonly files: readonly File[];
  add(files: readonly File[]): void;
}

export function makePool(): Pool {
  const files: File[] = [];
  const known = new Set<File>();
  return {
    files,
    add(more) {
      for (const file of more) {
        if (known.has(file)) continue;
        known.add(file);
        files.push(file);
      }
    },
  };
}
