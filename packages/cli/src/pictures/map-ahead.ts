/**
 * Results of `map` in the order of `inputs`, while the next ones are already under way: at most `ahead` are in flight
 * or waiting to be fetched. A slow input holds back its successors rather than letting them pile up.
 */
export async function* mapAhead<T, R>(
  inputs: Iterable<T>,
  map: (input: T) => Promise<R>,
  ahead: number,
): AsyncGenerator<R, void, undefined> {
  const queue: Promise<R>[] = [];
  for (const input of inputs) {
    const result = map(input);
    // It is awaited in its turn. Until then its failure counts as handled, or Node would end the process.
    result.catch(() => {});
    queue.push(result);
    if (queue.length >= ahead) yield await (queue.shift() as Promise<R>);
  }
  for (const result of queue) yield await result;
}
