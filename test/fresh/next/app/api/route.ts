import { readFile } from "node:fs/promises";
import weights from "@mobilenets/weights-imagenet";
import { load } from "mobilenets";
import { loadInWorker } from "mobilenets/worker";

export const dynamic = "force-dynamic";

/** On the server: with the weights that the route imports, or with those that the library finds by name; in a worker too. */
export async function GET(request: Request): Promise<Response> {
  const isWorker = request.url.includes("worker");
  const model = await (isWorker ? loadInWorker() : load(request.url.includes("by-name") ? undefined : weights));
  const data = new Uint8Array(await readFile("coffee.rgb"));
  const [best] = await model.classify({ data, width: 192, height: 192, channels: 3 });
  model.dispose();
  return Response.json(best);
}
