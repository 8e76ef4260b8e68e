/** What published.test.ts calls in the page: the library as pages without a bundler load it. */
const published = import(/* @vite-ignore */ `${location.origin}/mobilenets/index.js`) as Promise<
  typeof import("mobilenets")
>;

/** Class probabilities of a small network whose file is `bytes`, for `input`, on so many threads. */
export async function predicted(bytes: Uint8Array, input: Float32Array, threads: number): Promise<Float32Array> {
  const { load } = await published;
  const model = await load(bytes, { threads });
  const { data } = await model.predict({ data: input, shape: [1, ...model.inputShape] });
  model.dispose();
  return data;
}

/** Addresses of the modules that were fetched so far. */
export async function fetched(): Promise<readonly string[]> {
  await published;
  const names = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
  return names.filter((path) => path.startsWith("/mobilenets/"));
}
