/**
 * Results of `start` in the order of `inputs`, while the next ones are under way. At most `depth` are started and not
 * yet asked for. A caller that stops early waits for those, and `discard` gets them.
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
      // It is awaited in its turn. Until then its failure counts as handled.
      result.catch(() => {});
      queue.push(result);
      if (queue.length >= depth) yield await queue.shift()!;
    }
    while (queue.length > 0) yield await queue.shift()!;
  } finally {
    for (const result of queue) await result.then(discard, () => {});
  }
}
