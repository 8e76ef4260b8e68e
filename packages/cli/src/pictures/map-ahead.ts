/**
 * Maps inputs to results in order, and starts the next ones early. At most `ahead` results are in progress or waiting
 * for the caller. Behind a slow input, no more are started.
 */
export async function* mapAhead<T, R>(
  inputs: Iterable<T>,
  map: (input: T) => Promise<R>,
  ahead: number,
): AsyncGenerator<R, void, undefined> {
  const queue: Promise<R>[] = [];
  for (const input of inputs) {
    const result = map(input);
    // It is awaited in its turn. An unhandled failure before that would end the Node process.
    result.catch(() => {});
    queue.push(result);
    if (queue.length >= ahead) yield await (queue.shift() as Promise<R>);
  }
  for (const result of queue) yield await result;
}
