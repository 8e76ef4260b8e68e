import { WeightsError } from "../../errors.ts";
import { unzip } from "../containers/zip.ts";
import type { Reader } from "../format.ts";
import { fits } from "../labels-beside.ts";
import { besideStateDict } from "./beside.ts";
import { archIn, labelsIn, SAVE_STATE_DICT, stateDictIn } from "./checkpoint.ts";
import { isLegacyFile, isTarFile, isZipFile } from "./detect.ts";
import { readLegacy } from "./legacy.ts";
import { TorchObjects } from "./objects.ts";
import { type PickleValue, unpickle } from "./pickle.ts";
import { readStateDict } from "./state-dict.ts";

/** Most bytes of a pickle. A state dict of these networks takes 50 to 100 kB, with the optimizer's perhaps 500. */
const MAX_PICKLE_BYTES = 2 ** 21;

/**
 * Reads the state dict of a MobileNet of torchvision or timm from a file of torch.save: the dict itself, or a checkpoint
 * that has it as `state_dict`, `model`, or elsewhere.
 *
 * No code in the file runs: its pickle can build tensors, dicts, lists, numbers and texts. Objects of other classes stay
 * unread, and functions that act outside the file are refused.
 *
 * @throws WeightsError for tar archives, whole modules and other networks, with advice
 */
export const readPytorch: Reader = async (bytes, where, readCompanion, wanted) => {
  const objects = new TorchObjects(isLegacyFile(bytes) ? where : `${where}: data.pkl`);
  const value = isLegacyFile(bytes)
    ? readLegacy(bytes, where, MAX_PICKLE_BYTES, objects)
    : await readArchive(bytes, where, objects);
  const { state, note } = stateDictIn(value, where, objects.foreign, wanted?.stateDict);
  const beside = await besideStateDict(state.keys(), where, readCompanion);
  const file = readStateDict(state, where, { ...beside, arch: archIn(value), wanted });
  const labels = file.labels ?? labelsIn(value);
  return {
    ...file,
    ...(labels && fits(file, labels) && { labels }),
    ...(note !== undefined && { notes: [note, ...(file.notes ?? [])] }),
  };
};

/** Reads the value in a file of torch.save since PyTorch 1.6: a zip archive of a pickle and the storages. */
async function readArchive(bytes: Uint8Array, where: string, objects: TorchObjects): Promise<PickleValue> {
  refuseOtherFiles(bytes, where);
  const parts = /(^|\/)(data\/[^/]+|data\.pkl|constants\.pkl|byteorder)$/;
  const entries = await unzip(bytes, where, (name) => parts.test(name));
  const names = [...entries.keys()];
  if (names.some((name) => /(^|\/)constants\.pkl$/.test(name))) throw torchScript(where);
  const pickles = names.filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickles.length !== 1)
    throw refuse(where, `a zip archive with ${pickles.length} data.pkl`, "1, as torch.save writes");
  const root = pickles[0].slice(0, -"data.pkl".length);
  const order = new TextDecoder().decode(entries.get(`${root}byteorder`));
  if (order === "big") throw refuse(where, "numbers in big-endian byte order", "little-endian");

  const pickle = entries.get(pickles[0]) as Uint8Array;
  if (pickle.length > MAX_PICKLE_BYTES) {
    throw refuse(where, `a pickle of ${pickle.length} bytes`, `at most ${MAX_PICKLE_BYTES}`, SAVE_STATE_DICT);
  }
  const folder = `${root}data/`;
  const value = unpickle(pickle, `${where}: data.pkl`, objects);
  objects.provide(
    new Map(
      [...entries].flatMap(([name, data]) => (name.startsWith(folder) ? [[name.slice(folder.length), data]] : [])),
    ),
  );
  return value;
}

const SAVE_AGAIN =
  "if you trust where it comes from, save it again with PyTorch: " +
  'torch.save(torch.load("old.pth", "cpu", weights_only=False), "new.pth")';

function refuseOtherFiles(bytes: Uint8Array, where: string): void {
  if (isZipFile(bytes)) return;
  const expected = "a zip archive, as torch.save writes";
  const tar = "a tar archive, the first format of torch.save";
  throw isTarFile(bytes)
    ? refuse(where, tar, expected, SAVE_AGAIN)
    : refuse(where, "a bare pickle", expected, SAVE_STATE_DICT);
}

function torchScript(where: string): WeightsError {
  const hint = 'save its state dict: torch.save(torch.jit.load("old.pt").state_dict(), "new.pth")';
  return refuse(where, "a TorchScript module, which is code", "a state dict", hint);
}

function refuse(where: string, found: string, expected?: string, hint?: string): WeightsError {
  return new WeightsError({ where, found, expected, hint });
}
