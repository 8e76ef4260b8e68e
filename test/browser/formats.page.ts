/** What formats.test.ts calls in the page. */
import { load } from "../../packages/mobilenets/src/load.ts";

/** A file's weights by name, and what its model says of a grey picture. */
export async function opened(
  url: string,
): Promise<{ readonly weights: Record<string, Float32Array>; readonly result: number[] }> {
  const model = await load(url, { labels: [] });
  const { graph, weights } = model.program;
  const size = graph.input.shape.reduce((product, n) => product * n);
  const { data } = await model.predict({ data: new Float32Array(size).fill(0.5), shape: graph.input.shape });
  model.dispose();
  return {
    weights: Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tensor.data])),
    result: [...data],
  };
}

/** The error of a file that cannot be opened. */
export async function refusal(url: string): Promise<string> {
  return load(url).then(
    () => "none",
    (error: Error) => `${error.name} ${error.message}`,
  );
}
