import { expose } from "comlink";
import { activationMaps, load, type Model, OptionError, type Picture } from "mobilenets";
import { summarise } from "mobilenets/graph";
import type { Frame } from "../classify/frames.ts";
import type { Answer, Api, Failure, ModelFacts, Seen } from "./api.ts";
import { giveBack } from "./frame.ts";
import type { Gallery } from "./gallery.ts";
import type { Looker } from "./looker/looker.ts";
import { pictureOf } from "./picture.ts";
import type { Teacher } from "./teacher/teacher.ts";

const CLASSES = 5;

/** Created at first use, because its layout is a separate library. */
let gallery: Promise<Gallery> | undefined;

async function openGallery(): Promise<Gallery> {
  gallery ??= import("./gallery.ts").then(({ Gallery }) => new Gallery());
  return gallery;
}

/** Created at first use. */
let looker: Promise<Looker> | undefined;

async function openLooker(): Promise<Looker> {
  looker ??= import("./looker/looker.ts").then(({ Looker }) => new Looker());
  return looker;
}

/** Created at first use, because it loads training. */
let teacher: Promise<Teacher> | undefined;

async function openTeacher(): Promise<Teacher> {
  teacher ??= import("./teacher/teacher.ts").then(({ Teacher }) => new Teacher());
  return teacher;
}

let model: Model | undefined;
/** Whether the model comes from a file of the user, not from the page. */
let isForeign = false;
/** Whether the model has class-activation maps: it ends in a pooling and a classifier. */
let mapped = true;

/** Tells the page that memory is short. */
let tellShort = (_what: string) => {};

async function answered<T>(work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/no room for|could not allocate|out of memory|allocation failed/i.test(message)) tellShort(message);
    return { error: message };
  }
}

function current(): Model {
  if (!model) throw new Error("no model is loaded");
  return model;
}

/** Loads a model and replaces the old one after a successful run; otherwise the old one stays. */
async function take(source: string | File | Uint8Array, beside: readonly File[] = []): Promise<ModelFacts> {
  const companions = Object.fromEntries(beside.map((file) => [file.name, file]));
  // The page shows the notes.
  const loaded = await load(source, { companions, warn: () => {} });
  const { graph } = loaded.program;
  const { totals } = summarise(graph);
  const [height, width] = loaded.inputShape;
  const output = graph.nodes.find(({ name }) => name === graph.outputs[0])!;
  const isClassifier = output.shape.length === 2 && !output.op.startsWith("global_");
  let hasMaps = true;
  try {
    // Compiles before the first picture, so that its time is only the network's.
    if (isClassifier) ({ hasMaps } = await see(loaded, blank(width, height), true));
    else await loaded.embed(blank(width, height));
  } catch (error) {
    loaded.dispose();
    throw error;
  }
  model?.dispose();
  model = loaded;
  isForeign = typeof source !== "string";
  mapped = hasMaps;
  return {
    name: loaded.name,
    classes: isClassifier ? output.shape[1] : 0,
    height,
    width,
    engine: loaded.engine,
    params: totals.params,
    macs: totals.macs,
    notes: loaded.notes,
  };
}

const blank = (width: number, height: number): Picture => ({
  data: new Uint8Array(width * height * 3),
  width,
  height,
  channels: 3,
});

async function classify(source: Blob | Frame): Promise<Answer> {
  const picture = await pictureOf(source);
  return inTurn(async () => {
    const loaded = current();
    const start = performance.now();
    const { seen, hasMaps } = await see(loaded, picture, mapped);
    if (loaded === model) mapped = hasMaps;
    giveBack(picture);
    return { seen, milliseconds: performance.now() - start };
  });
}

let last: Promise<unknown> = Promise.resolve();

/** Runs pictures one after the other: two at a time are no faster, and the first would wait for the second. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

/**
 * Returns the classes and their maps from one run of the network.
 * @param mayMap whether to try maps: a network without them fails once
 */
async function see(loaded: Model, picture: Picture, mayMap: boolean): Promise<{ seen: Seen[]; hasMaps: boolean }> {
  if (mayMap) {
    try {
      const maps = await activationMaps(loaded, picture, { topK: CLASSES });
      const seen = maps.map(({ label, probability, data, height, width, region }) => ({
        label,
        probability,
        map: {
          data,
          height,
          width,
          region: {
            x: region.x / picture.width,
            y: region.y / picture.height,
            width: region.width / picture.width,
            height: region.height / picture.height,
          },
        },
      }));
      return { seen, hasMaps: true };
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
    }
  }
  const best = await loaded.classify(picture, { topK: CLASSES });
  return { seen: best.map(({ label, probability }) => ({ label, probability, map: null })), hasMaps: false };
}

const api: Api = {
  onShort: async (tell) => {
    tellShort = tell;
  },
  load: (source, beside) => answered(() => take(source, beside)),
  classify: (picture) => answered(() => classify(picture)),
  addToGallery: (file) => answered(async () => (await openGallery()).add(current(), file)),
  clearGallery: async () => (await openGallery()).clear(),
  similarTo: (index) => answered(async () => (await openGallery()).similarTo(index)),
  layoutGallery: (tell) => answered(async () => (await openGallery()).layout(async (done) => tell(done))),
  stopLayout: async () => (await openGallery()).stop(),
  deviceFacts: () => answered(async () => (await import("./device/device.ts")).deviceFacts()),
  measurements: async (threads) => (await import("./device/device.ts")).measurements(threads),
  timeOf: (network, threads) => answered(async () => (await import("./device/device.ts")).timeOf(network, threads)),
  mapLayers: () => answered(async () => (await openLooker()).layers(current())),
  addSeen: (file) => answered(async () => (await openLooker()).add(file)),
  mapsOf: (picture, value) => answered(async () => (await openLooker()).maps(current(), picture, value)),
  excite: (value, channel, tell) =>
    answered(async () => (await openLooker()).excite(current(), value, channel, async (done) => tell(done))),
  stopExciting: async () => (await openLooker()).stop(),
  addExample: (picture) => answered(async () => (await openTeacher()).add(current(), picture)),
  removeExamples: async (numbers) => (await openTeacher()).remove(numbers),
  renewExamples: () =>
    answered(async () => {
      await (await openTeacher()).renew(current());
      return null;
    }),
  teach: (lesson, tell) => answered(async () => (await openTeacher()).teach(current(), lesson, async (at) => tell(at))),
  stopTeaching: async () => (await openTeacher()).stop(),
  askTaught: (picture) => answered(async () => (await openTeacher()).ask(picture)),
  exportTaught: (format) => answered(async () => (await openTeacher()).export(format)),
  saveSession: (plan) => answered(async () => (await openTeacher()).save(plan, isForeign ? current() : undefined)),
  openSession: (file, own, tell) =>
    answered(async () => {
      let facts: ModelFacts | undefined;
      const session = await (await openTeacher()).open(
        file,
        file.name,
        async (network) => {
          facts = await take(network ?? own);
          return current();
        },
        async (at) => tell(at),
      );
      return { session, facts: facts! };
    }),
};
expose(api);
