import { WeightsError } from "../../errors.ts";
import { listNames, show } from "../../show.ts";
import { unzip } from "../containers/zip.ts";
import type { Reader } from "../format.ts";
import { fits } from "../labels-beside.ts";
import { besideStateDict } from "./beside.ts";
import { hasTorchNames, isLegacyFile, isTarFile, isZipFile } from "./detect.ts";
import { readLegacy } from "./legacy.ts";
import { PickledTensor, TorchObjects } from "./objects.ts";
import { type PickleDict, type PickleValue, showPickled, unpickle } from "./pickle.ts";
import { readStateDict, type StateDict } from "./state-dict.ts";

/** A state dict of these networks takes 50 to 100 kB, with its optimizer's perhaps 500. */
const MAX_PICKLE_BYTES = 2 ** 21;

/** Where training scripts keep the state dict in a checkpoint, those of averaged weights last. */
const CHECKPOINT_KEYS = ["state_dict", "model_state_dict", "model", "model_state", "net", "weights", "params"];
const AVERAGED_KEYS = ["state_dict_ema", "ema_state_dict", "model_ema", "ema"];

/**
 * Reads the state dict of a MobileNet of torchvision's or timm's from a file of torch.save's: the dict itself, or a
 * checkpoint that has it as `state_dict`, `model_state_dict` or `model`.
 *
 * Nothing in the file is run: its pickle can build tensors, dicts, lists, numbers and texts, and whatever else it asks
 * for is refused.
 *
 * @throws WeightsError for tar archives, whole modules and other networks, with advice
 */
export const readPytorch: Reader = async (bytes, where, readCompanion, wanted) => {
  const value = isLegacyFile(bytes)
    ? readLegacy(bytes, where, MAX_PICKLE_BYTES, new TorchObjects(where))
    : await readArchive(bytes, where);
  const { state, note } = stateDictIn(value, where, wanted?.stateDict);
  const beside = await besideStateDict(state.keys(), where, readCompanion);
  const file = readStateDict(state, where, { ...beside, wanted });
  const labels = file.labels ?? labelsIn(value);
  return {
    ...file,
    ...(labels && fits(file, labels) && { labels }),
    ...(note !== undefined && { notes: [note, ...(file.notes ?? [])] }),
  };
};

/** The value in a file of torch.save since PyTorch 1.6: a zip archive of a pickle, and of each storage. */
async function readArchive(bytes: Uint8Array, where: string): Promise<PickleValue> {
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
  const objects = new TorchObjects(`${where}: data.pkl`);
  const value = unpickle(pickle, `${where}: data.pkl`, objects);
  objects.provide(
    new Map(
      [...entries].flatMap(([name, data]) => (name.startsWith(folder) ? [[name.slice(folder.length), data]] : [])),
    ),
  );
  return value;
}

const SAVE_STATE_DICT = 'save only the state dict: torch.save(model.state_dict(), "model.pth")';
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

/** The state dict in a checkpoint: the one asked for, else the first by the usual keys that has a network's names. */
function stateDictIn(value: PickleValue, where: string, asked?: string): { state: StateDict; note?: string } {
  if (!(value instanceof Map)) throw refuse(where, showPickled(value), "a dict of tensors", SAVE_STATE_DICT);
  const usual = asked === undefined ? [...CHECKPOINT_KEYS, ...AVERAGED_KEYS] : [asked];
  const found = usual.flatMap((key) => {
    const dict = value.get(key);
    const state = dict instanceof Map ? tensorsOf(dict) : undefined;
    return state && state.size > 0 ? [{ key, state }] : [];
  });
  const own = asked === undefined ? tensorsOf(value) : new Map();
  const named = found.filter(({ state }) => hasTorchNames([...state.keys()]));
  if (named.length > 0 && !hasTorchNames([...own.keys()])) {
    const [{ key, state }, ...others] = named;
    const averaged = others.filter((other) => AVERAGED_KEYS.includes(other.key)).map((other) => show(other.key));
    const note =
      averaged.length > 0
        ? `the weights are those of ${show(key)}; ${averaged.join(", ")} has averaged ones: load with stateDict to choose`
        : undefined;
    return { state, note };
  }
  const [first] = found;
  if (own.size > 0 && (found.length === 0 || hasTorchNames([...own.keys()]))) return { state: own };
  if (first) return { state: first.state };
  const keys = [...value.keys()].map(showPickled);
  const has = keys.length === 0 ? "an empty dict" : `a dict of ${listNames(keys)}`;
  throw refuse(where, has, `tensors by name, or a state dict as ${usual.map(show).join(", ")}`);
}

/** Names of classes in a checkpoint: torchvision's `class_to_idx`, or a list. */
function labelsIn(value: PickleValue): readonly string[] | undefined {
  if (!(value instanceof Map)) return undefined;
  const index = value.get("class_to_idx");
  if (index instanceof Map && index.size > 0) {
    const names: string[] = [];
    for (const [name, i] of index) {
      const place = Number(i);
      if (typeof name !== "string" || !(place >= 0 && place < index.size) || names[place] !== undefined)
        return undefined;
      names[place] = name;
    }
    return names;
  }
  const lists = ["classes", "class_names", "labels"].map((key) => value.get(key));
  return lists.find(
    (list): list is string[] => Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === "string"),
  );
}

function tensorsOf(dict: PickleDict): StateDict {
  return new Map(
    [...dict].flatMap(([name, value]) =>
      typeof name === "string" && value instanceof PickledTensor ? [[name, value]] : [],
    ),
  );
}

function refuse(where: string, found: string, expected?: string, hint?: string): WeightsError {
  return new WeightsError({ where, found, expected, hint });
}
