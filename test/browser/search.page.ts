/** What search.test.ts calls in the page. */
import { type Neighbour, nearest, openNpy, readNpy } from "../../packages/mobilenets/src/search.ts";

/** The neighbours of a row among all, with the file as a user of the page chooses it: by a stream and as a whole. */
export async function neighbours(url: string, row: number, k: number): Promise<Neighbour[][]> {
  const blob = await (await fetch(url)).blob();
  const stream = await openNpy(new File([blob], "chosen.npy"));
  const { data } = await stream.read(row, 1);
  return [await nearest(data, stream, { k }), await nearest(data, await readNpy(url), { k })];
}

/** The error of a file that is none. */
export async function refusal(): Promise<string> {
  return openNpy(new File(["years of work"], "chosen.npy")).then(
    () => "none",
    (error: Error) => `${error.name} ${error.message}`,
  );
}
