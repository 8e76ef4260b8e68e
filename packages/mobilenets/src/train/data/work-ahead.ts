/**
 * Yields results of `start` in the order of `inputs` while the next ones are in progress. At most `depth` are started and
 * not yet consumed. If the caller stops early, it waits for those, and `discard` gets them.
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
      // The result is awaited later; this keeps a failure until then from counting as unhandled.
      result.catch(() => {});
      queue.push(result);
      if (queue.length >= depth) yield await queue.shift()!;
    }
    while (queue.length > 0) yield await queue.shift()!;
  } finally {
    for (const result of queue) await result.then(discard, () => {});
  }
}
