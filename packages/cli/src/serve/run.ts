import { once } from "node:events";
import type { Picture, Prediction, Preprocessing } from "mobilenets";
import { readRun, reducedInput } from "../extract/run-record.ts";
import { diagnostic, result } from "../output.ts";
import { type FeatureFolder, openFeatureFolder } from "../similar/feature-folder.ts";
import { searchFolder } from "../similar/search-folder.ts";
import { Admission } from "./admission.ts";
import { answer } from "./answer.ts";
import { Batcher } from "./batcher.ts";
import { Decoder } from "./decoder.ts";
import { Metrics } from "./metrics.ts";
import type { Job, ModelValue } from "./model-messages.ts";
import { ModelPool } from "./model-pool.ts";
import { buildServer, type ServerParts } from "./server.ts";
import type { ServeFlags } from "./settings.ts";
import { readTokens } from "./tokens.ts";

/** Serves until a signal, then finishes the accepted requests. */
export async function serve(flags: ServeFlags): Promise<void> {
  const tokens = flags.tokens === undefined ? undefined : await readTokens(flags.tokens);
  const folder = flags.store === undefined ? undefined : await openFeatureFolder(flags.store);
  if (!tokens && !["127.0.0.1", "::1", "localhost"].includes(flags.host)) {
    diagnostic(`warning: everyone who reaches ${flags.host} may use this server: --tokens asks callers for one`);
  }
  const record = flags.store === undefined ? undefined : await readRun(flags.store);
  const searched = folder && { folder, reduceTo: record && reducedInput(record) };
  const stopped = stopSignal();
  const model = new ModelPool(flags.workers, { flags, store: flags.store });
  const admission = new Admission(flags.maxQueue);
  const metrics = new Metrics(() => admission.taken);
  let state: "starting" | "draining" | undefined = "starting";
  const answers = answersOf(flags, model, searched, admission, metrics);
  const server = await buildServer({ flags, tokens, admission, metrics, notReady: () => state, answers });
  try {
    const address = await server.listen({ host: flags.host, port: flags.port });
    await result(`listening on ${address}`);
    const first = await Promise.race([model.ready, stopped]);
    if (first !== undefined) {
      state = undefined;
      server.log.info({ model: first.name }, "ready");
      await Promise.race([stopped, model.ended]);
    }
    state = "draining";
    server.log.info({ pictures: admission.taken }, "draining");
  } finally {
    await server.close();
    await model.close();
    await folder?.close();
  }
}

function answersOf(
  flags: ServeFlags,
  model: ModelPool,
  searched: { readonly folder: FeatureFolder; readonly reduceTo?: Preprocessing } | undefined,
  admission: Admission,
  metrics: Metrics,
): ServerParts["answers"] {
  const decoder = new Decoder(flags);
  const options = {
    maxBatch: flags.maxBatch,
    maxDelay: flags.maxDelay,
    onBatch: (size: number) => metrics.batches.observe(size),
  };
  const partsFor = (job: Job) => {
    const run = (pictures: readonly Picture[]) => model.run(job, pictures);
    return { admission, decoder, batcher: new Batcher<Picture, ModelValue>(run, options, model.size) };
  };
  const classify = partsFor("classify");
  const embed = partsFor("embed");
  const search = { ...partsFor("search"), reduceTo: searched?.reduceTo };
  return {
    classify: (request, top) =>
      answer(request, classify, (value) => ({ topK: (value as readonly Prediction[]).slice(0, top) })),
    embed: (request) => answer(request, embed, (value) => ({ embedding: Array.from(value as Float32Array) })),
    ...(searched && {
      search: (request, top) =>
        answer(request, search, async (value) => {
          const query = { path: "image", vector: value as Float32Array };
          const [{ similar }] = await searchFolder([query], searched.folder, { top });
          return { similar };
        }),
    }),
  };
}

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once. */
async function stopSignal(): Promise<undefined> {
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  process.once("SIGTERM", () => process.exit(1)).once("SIGINT", () => process.exit(1));
}
