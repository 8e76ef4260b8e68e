import { expose } from "comlink";
import { activationMaps, load, type Model, OptionError, type Picture } from "mobilenets";
import { summarise } from "mobilenets/graph";
import type { Answer, Api, Failure, ModelFacts, Seen } from "./api.ts";
import type { Gallery } from "./gallery.ts";
import type { Looker } from "./looker/looker.ts";
import { pictureOf } from "./picture.ts";
import type { Teacher } from "./teacher/teacher.ts";

const CLASSES = 5;

/** Made when it is first wanted: its layout is a library of its own. */
let gallery: Promise<Gallery> | undefined;

async function openGallery(): Promise<Gallery> {
  gallery ??= import("./gallery.ts").then(({ Gallery }) => new Gallery());
  return gallery;
}

/** Likewise: it looks inside the network. */
let looker: Promise<Looker> | undefined;

async function openLooker(): Promise<Looker> {
  looker ??= import("./looker/looker.ts").then(({ Looker }) => new Looker());
  return looker;
}

/** Likewise: it trains. */
let teacher: Promise<Teacher> | undefined;

async function openTeacher(): Promise<Teacher> {
  teacher ??= import("./teacher/teacher.ts").then(({ Teacher }) => new Teacher());
  return teacher;
}

let model: Model | undefined;
/** Whether a person opened its file, so that it does not come with the page. */
let isForeign = false;
/** Whether the model ends in a pooling and a classifier, as class-activation maps need. */
let mapped = true;

async function answered<T>(work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function current(): Model {
  if (!model) throw new Error("no model is loaded");
  return model;
}

async function take(source: string | File | Uint8Array): Promise<ModelFacts> {
  const loaded = await load(source);
  model?.dispose();
  model = loaded;
  isForeign = typeof source !== "string";
  mapped = true;
  const { graph } = loaded.program;
  const { totals } = summarise(graph);
  const [height, width] = loaded.inputShape;
  const output = graph.nodes.find(({ name }) => name === graph.outputs[0])!;
  const isClassifier = output.shape.length === 2 && !output.op.startsWith("global_");
  // Compiles what the first picture needs, so that its time is the network's own.
  if (isClassifier) await see(loaded, blank(width, height));
  return {
    name: loaded.name,
    classes: isClassifier ? output.shape[1] : 0,
    height,
    width,
    engine: loaded.engine,
    params: totals.params,
    macs: totals.macs,
  };
}

const blank = (width: number, height: number): Picture => ({
  data: new Uint8Array(width * height * 3),
  width,
  height,
  channels: 3,
});

async function classify(source: Blob | ImageBitmap): Promise<Answer> {
  const loaded = current();
  const picture = await pictureOf(source);
  const start = performance.now();
  const seen = await see(loaded, picture);
  return { seen, milliseconds: performance.now() - start };
}

/** One run of the network gives the classes and their maps. */
async function see(loaded: Model, picture: Picture): Promise<Seen[]> {
  if (mapped) {
    try {
      const maps = await activationMaps(loaded, picture, { topK: CLASSES });
      return maps.map(({ label, probability, data, height, width, region }) => ({
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
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      mapped = false;
    }
  }
  const best = await loaded.classify(picture, { topK: CLASSES });
  return best.map(({ label, probability }) => ({ label, probability, map: null }));
}

const api: Api = {
  load: (source) => answered(() => take(source)),
  classify: (picture) => answered(() => classify(picture)),
  addToGallery: (file) => answered(async () => (await openGallery()).add(current(), file)),
  clearGallery: async () => (await openGallery()).clear(),
  similarTo: (index) => answered(async () => (await openGallery()).similarTo(index)),
  layoutGallery: () => answered(async () => (await openGallery()).layout()),
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
