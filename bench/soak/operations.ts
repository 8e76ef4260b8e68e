import { setTimeout as sleep } from "node:timers/promises";
import { type ImageSource, load, type Picture } from "mobilenets";
import { random } from "../../packages/mobilenets/src/random.ts";
import { below, chance, pick, weighted } from "../../test/fuzz/dice.ts";
import type { Specimen } from "../../test/fuzz/specimen.ts";
import { isSame, type Live, type Rig, THREADS } from "./rig.ts";
import { inputOf } from "./subjects.ts";
import { workersAlive } from "./workers.ts";

export type Operation = (rig: Rig) => Promise<unknown>;

/** Most models at a time. */
const MOST_LIVE = 5;
const LARGEST_BATCH = 24;

const someLive = ({ live, rng }: Rig): Live | undefined => (live.length === 0 ? undefined : pick(rng, live));

const loadOne: Operation = async (rig) => {
  while (rig.live.length >= MOST_LIVE) rig.dispose(pick(rig.rng, rig.live));
  const live = await rig.load(below(rig.rng, rig.subjects), pick(rig.rng, THREADS));
  if (live) rig.count("load answered");
};

const withLive =
  (operation: (rig: Rig, live: Live) => Promise<unknown>): Operation =>
  async (rig) => {
    const live = someLive(rig);
    await (live ? operation(rig, live) : loadOne(rig));
  };

const classify = withLive((rig, live) => {
  const i = below(rig.rng, rig.pictures.length);
  const expected = rig.expected(live).classes[i];
  const isRight = (answer: unknown) => JSON.stringify(answer) === expected;
  return rig.call("classify", live, () => live.model.classify(rig.pictures[i]), isRight);
});

const predict = withLive((rig, live) => {
  const input = inputOf(live.model);
  return rig.call(
    "predict",
    live,
    () => live.model.predict(input),
    ({ data }) => isSame(data, rig.expected(live).prediction),
  );
});

function embedBatch(rig: Rig, live: Live, what: string, signal?: AbortSignal) {
  const chosen = Array.from({ length: 1 + below(rig.rng, LARGEST_BATCH) }, () => below(rig.rng, rig.pictures.length));
  const batch = chosen.map((i) => rig.pictures[i]);
  const { embeddings } = rig.expected(live);
  const isRight = (answer: readonly Float32Array[]) =>
    answer.every((vector, n) => isSame(vector, embeddings[chosen[n]]));
  return rig.call(what, live, () => live.model.embed(batch, { signal }), isRight, signal);
}

const embed = withLive((rig, live) => embedBatch(rig, live, "embed"));

const abort = withLive(async (rig, live) => {
  const controller = new AbortController();
  const call = embedBatch(rig, live, "embed with a signal", controller.signal);
  await sleep(rig.rng() * 80);
  controller.abort();
  await call;
});

const timeLimit = withLive((rig, live) =>
  embedBatch(rig, live, "embed with a limit", AbortSignal.timeout(1 + below(rig.rng, 60))),
);

const dispose = withLive(async (rig, live) => rig.dispose(live));

/** Disposes of a model during several calls. */
const disposeInFlight = withLive(async (rig, live) => {
  const calls = [1, 2, 3].map(() => embedBatch(rig, live, "embed under dispose()"));
  await sleep(rig.rng() * 30);
  rig.dispose(live);
  await Promise.all(calls);
});

/** Ends a worker thread during calls: calls that use it must fail, and models loaded later must work. */
const kill: Operation = async (rig) => {
  const victims = rig.live.filter(({ threads }) => threads > 1);
  const live = victims.length > 0 ? pick(rig.rng, victims) : await rig.load(below(rig.rng, rig.subjects), 2);
  if (!live) return;
  const calls = [1, 2].map(() => embedBatch(rig, live, "embed under a kill"));
  await sleep(rig.rng() * 40);
  const workers = workersAlive();
  if (workers.length > 0) {
    rig.kills++;
    await pick(rig.rng, workers).terminate();
    rig.killed++;
  }
  await Promise.all(calls);
  const broken = rig.live.filter(({ threads, born }) => threads > 1 && born < rig.kills);
  for (const old of broken) {
    await embedBatch(rig, old, "embed after a kill");
    rig.dispose(old);
  }
  const fresh = await rig.load(live.subject, 2);
  if (fresh) await embedBatch(rig, fresh, "embed after a new load");
};

/** Loads the fuzzer's files, and truncated valid ones. */
const badFile =
  (specimens: readonly Specimen[]): Operation =>
  async (rig) => {
    const { files, model, network, options } = pick(rig.rng, specimens).make(random(below(rig.rng, 2 ** 31)));
    const whole = files[model];
    const bytes = chance(rig.rng, 0.7) ? whole : whole.slice(0, rig.rng() * whole.length);
    await rig.refused("bad file", async () => {
      const loaded = network
        ? await load(network as "mobilenet_v1", { ...options, weights: bytes })
        : await load(bytes);
      loaded.dispose();
    });
  };

const badPicture = withLive(async (rig, live) => {
  const files = rig.pictures.filter((picture): picture is Uint8Array => picture instanceof Uint8Array);
  const file = pick(rig.rng, files);
  const noise = file.map((byte) => (chance(rig.rng, 0.01) ? below(rig.rng, 256) : byte));
  const wrong: ImageSource = pick<ImageSource>(rig.rng, [
    file.slice(0, rig.rng() * file.length),
    noise,
    new Uint8Array(),
    new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>'),
    "/nowhere/at/all.jpg",
    "http://127.0.0.1:9/none.jpg",
    { data: new Uint8Array(5), width: 7, height: -1, channels: 3 } as Picture,
    null as unknown as Uint8Array,
  ]);
  const what = live.disposed ? "picture for a disposed model" : "bad picture";
  await rig.refused(what, () => live.model.classify(wrong));
});

/** All operations, with their frequencies. */
export function mixed(specimens: readonly Specimen[]): Operation {
  const operations: (readonly [number, Operation])[] = [
    [6, loadOne],
    [20, classify],
    [12, predict],
    [12, embed],
    [5, abort],
    [4, timeLimit],
    [2, dispose],
    [2, disposeInFlight],
    [1, kill],
    [8, badFile(specimens)],
    [6, badPicture],
  ];
  return (rig) => weighted(rig.rng, operations)(rig);
}
