import { unzipSync, type Zippable, zipSync } from "fflate";
import { readPytorch } from "../../../packages/mobilenets/src/weights/pytorch/read.ts";
import { pickledCall, timmState, torchArchive, torchFile, torchLegacyFile } from "../../support/torch-file.ts";
import { chance, pick, type Rng } from "../dice.ts";
import { hostileName } from "../fields/hostile.ts";
import { assemble, changePickle, disassemble } from "../fields/pickle.ts";
import { changeFields, fieldsRead } from "../fields/recorded.ts";
import { howMany, type Specimen, untilWritten } from "../specimen.ts";
import { DATE, golden, narrowOptions } from "./models.ts";

const options = { ...narrowOptions, flavor: "timm" } as const;
const call = { network: "mobilenet_v1", options };
const noCompanions = () => Promise.reject(new Error("no companions"));
const read = async (file: Uint8Array) => readPytorch(file, "model.pth", noCompanions);

/** Specimens of the current format: instructions of pickles, sizes and names of storages, directories of archives. */
export async function specimens(): Promise<Specimen[]> {
  const state = timmState("mobilenet_v1", options);
  const checkpoint = new Map([["state_dict", new Map([...state].map(([name, t]) => [`module.${name}`, t]))]]);
  const whole = torchFile(state);
  return [
    archive("V1", whole, call),
    archive("checkpoint", torchFile(checkpoint), call),
    archive("tiny", golden("torch/tiny.pth")),
    archive("protocol 4", golden("torch/tiny-protocol4.pth")),
    archive("system", torchArchive(pickledCall("os", "system", "echo harmed > harmed"))),
    await directory("directory", whole, call),
    await directory("tiny's directory", golden("torch/tiny.pth")),
  ];
}

/** Specimens of the format before PyTorch 1.6. */
export async function legacySpecimens(): Promise<Specimen[]> {
  const state = timmState("mobilenet_v1", options);
  const own = torchLegacyFile(new Map([["state_dict", state]]));
  return [
    legacy("V1", golden("torch/timm-v1-legacy.pth"), { ...call, options: { ...options, alpha: 0.05, classes: 5 } }),
    legacy("checkpoint", own, call),
    legacy("tiny", golden("torch/tiny-legacy.pth")),
    legacy("system", torchLegacyFile(state, pickledCall("os", "system", "echo harmed > harmed")), call),
    await directory("sizes", golden("torch/tiny-legacy.pth")),
  ];
}

const model = "model.pth";

function archive(name: string, file: Uint8Array, extra: object = {}): Specimen {
  return {
    name,
    make(rng) {
      if (!rng) return { model, files: { [model]: file }, changes: [], ...extra };
      return untilWritten(() => {
        const entries = unzipSync(file);
        const pickle = Object.keys(entries).find((entry) => entry.endsWith("data.pkl")) as string;
        const { instructions } = disassemble(entries[pickle]);
        const lengths = new Map<number, bigint>();
        const changeCode = () => changePickle(instructions, lengths, rng);
        const inCode = Array.from({ length: howMany(rng) }, () => chance(rng, 0.75));
        const codeChanges = inCode.filter(Boolean).map(changeCode);
        if (codeChanges.length > 0) entries[pickle] = assemble(instructions, lengths);
        const entryChanges = inCode.filter((code) => !code).map(() => changeEntry(entries, rng));
        const changes = [...codeChanges, ...entryChanges];
        const level = pick(rng, [0, 0, 0, 6] as const);
        return { model, files: { [model]: zipSync(entries as Zippable, { level, mtime: DATE }) }, changes, ...extra };
      });
    },
  };
}

function changeEntry(entries: Record<string, Uint8Array>, rng: Rng): string {
  const names = Object.keys(entries);
  if (names.length === 0) return "an empty archive";
  const name = pick(rng, names);
  const data = entries[name];
  const [what, change] = pick<readonly [string, () => void]>(rng, [
    ["left out", () => delete entries[name]],
    ["cut short", () => (entries[name] = data.slice(0, rng() * data.length))],
    ["longer", () => (entries[name] = Uint8Array.from([...data, 0, 0, 0, 0]))],
    ["empty", () => (entries[name] = new Uint8Array())],
    ["of NaN", () => (entries[name] = new Uint8Array(data.length).fill(0xff))],
    ["as another", () => (entries[name] = entries[pick(rng, names)])],
    [
      "of another name",
      () => {
        delete entries[name];
        entries[hostileName(rng).slice(0, 60_000)] = data;
      },
    ],
    ["beside code", () => (entries[name.replace(/[^/]*$/, "constants.pkl")] = data)],
    ["beside another pickle", () => (entries[`other/${pick(rng, ["data.pkl", "data/0", "byteorder"])}`] = data)],
    ["of big-endian numbers", () => (entries[name.replace(/[^/]*$/, "byteorder")] = new TextEncoder().encode("big"))],
  ]);
  change();
  return `${name}: ${what}`;
}

/** A specimen of the fields outside pickles: zip's directory, sizes of storages. */
async function directory(name: string, file: Uint8Array, extra: object = {}): Promise<Specimen> {
  const fields = await fieldsRead(file, (bytes) => read(bytes).catch(() => {}));
  return {
    name,
    make(rng) {
      if (!rng) return { model, files: { [model]: file }, changes: [], ...extra };
      const { bytes, changes } = changeFields(file, fields, rng);
      return { model, files: { [model]: bytes }, changes, ...extra };
    },
  };
}

/** Number of pickles before the storages: magic number, version, machine, value, keys. */
const PICKLES = 5;

function legacy(name: string, file: Uint8Array, extra: object = {}): Specimen {
  let at = 0;
  const pickles = Array.from({ length: PICKLES }, () => {
    const { instructions, end } = disassemble(file.subarray(at));
    at += end;
    return instructions;
  });
  const storages = file.slice(at);
  return {
    name,
    make(rng) {
      if (!rng) return { model, files: { [model]: file }, changes: [], ...extra };
      return untilWritten(() => {
        const code = pickles.map((instructions) => [...instructions]);
        const lengths = code.map(() => new Map<number, bigint>());
        const changes = Array.from({ length: howMany(rng) }, () => {
          // The value is the fourth; the first identifies the format.
          const i = pick(rng, [1, 2, 3, 3, 3, 3, 3, 4]);
          return `pickle ${i}, ${changePickle(code[i], lengths[i], rng)}`;
        });
        const end = chance(rng, 0.2) ? storages.slice(0, rng() * storages.length) : storages;
        const bytes = Buffer.concat([...code.map((instructions, i) => assemble(instructions, lengths[i])), end]);
        return { model, files: { [model]: Uint8Array.from(bytes) }, changes, ...extra };
      });
    },
  };
}
