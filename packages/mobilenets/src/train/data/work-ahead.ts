/**
 * Results of `start` in the order of `inputs`, while the next ones are under way: at most `depth` are started and not
 * yet asked for. Whoever stops early waits for those; `discard` gets what nobody asked for.
 */
export async function* workAhead<T, R>(
  inputs: Iterable<T>,
  start: (input: T) => Promise<R>,
  depth: number,
  discard: (result: R) => void,
): AsyncGenerator<R, void, undefined> {
  const queue: Promise<R>[] = [];
  try {
    for (const input of inputs) {
      const result = start(input);
      // It is awaited in its turn; should it fail before, that is no failure nobody looks at.
      result.catch(() => {});
      queue.push(result);
      if (queue.length >= depth) yield await queue.shift()!;
    }
    while (queue.length > 0) yield await queue.shift()!;
  } finally {
    for (const result of queue) await result.then(discard, () => {});
  }
}
