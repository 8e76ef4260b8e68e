import { WeightsError } from "../../errors.ts";
import { listNames, show } from "../../show.ts";
import { hasTorchNames } from "./detect.ts";
import { PickledTensor } from "./objects.ts";
import { type PickleDict, type PickleValue, showPickled } from "./pickle.ts";
import type { StateDict } from "./state-dict.ts";

// Finds a model's state dict and labels in a checkpoint, among a training script's counters, options and classes.

/** Keys of the state dict in checkpoints of training scripts, those of averaged weights last. */
const CHECKPOINT_KEYS = ["state_dict", "model_state_dict", "model", "model_state", "net", "weights", "params"];
const AVERAGED_KEYS = ["state_dict_ema", "ema_state_dict", "model_ema", "ema", "ema_model", "swa_state_dict"];

export const SAVE_STATE_DICT = 'save only the state dict: torch.save(model.state_dict(), "model.pth")';

/** Deepest nesting of dicts. Checkpoints have few levels. */
const MAX_DEPTH = 4;

interface Found {
  /** Path of keys, separated by dots; empty for the checkpoint itself. */
  readonly key: string;
  readonly state: StateDict;
}

/** The tensors of every dict in a checkpoint that has a network's names. */
function networksIn(checkpoint: PickleDict): readonly Found[] {
  const found: Found[] = [];
  const queue: { readonly key: string; readonly depth: number; readonly dict: PickleDict }[] = [
    { key: "", depth: 0, dict: checkpoint },
  ];
  const seen = new Set<PickleValue>([checkpoint]);
  for (const { key, depth, dict } of queue) {
    const state = tensorsOf(dict);
    if (hasTorchNames([...state.keys()])) found.push({ key, state });
    if (depth === MAX_DEPTH) continue;
    for (const [name, inner] of dict) {
      if (typeof name !== "string" || !(inner instanceof Map) || seen.has(inner)) continue;
      seen.add(inner);
      queue.push({ key: key ? `${key}.${name}` : name, depth: depth + 1, dict: inner });
    }
  }
  return found;
}

/** Rank of a state dict: plain weights under usual keys first, then under other keys, then averaged ones. */
function rankOf({ key }: Found): number {
  const usual = CHECKPOINT_KEYS.indexOf(key);
  if (usual >= 0) return usual;
  return CHECKPOINT_KEYS.length + 1 + AVERAGED_KEYS.indexOf(key);
}

/**
 * The state dict in a checkpoint: the requested one, or the first with a network's names, usual keys before others.
 *
 * @param foreign the error for classes that only their own code can load, if there are any
 * @throws WeightsError if there is none
 */
export function stateDictIn(
  value: PickleValue,
  where: string,
  foreign: WeightsError | undefined,
  asked?: string,
): { readonly state: StateDict; readonly note?: string } {
  const checkpoint =
    value instanceof Map ? value : Array.isArray(value) ? new Map([...value.entries()].map(numbered)) : undefined;
  if (!checkpoint) throw foreign ?? refuse(where, showPickled(value), "a dict of tensors", SAVE_STATE_DICT);
  const found = [...networksIn(checkpoint)];
  if (asked !== undefined) return { state: askedFor(checkpoint, asked, found) ?? none(value, where, [asked], foreign) };
  // The checkpoint itself comes first. Nested dicts belong to other models.
  const [first, ...others] = found.sort((a, b) => (a.key === "" ? -1 : b.key === "" ? 1 : rankOf(a) - rankOf(b)));
  if (first) return { state: first.state, ...noteOn(first, others) };
  const own = tensorsOf(checkpoint);
  const usual = [...CHECKPOINT_KEYS, ...AVERAGED_KEYS];
  const other = usual.map((key) => checkpoint.get(key)).find((dict) => dict instanceof Map && tensorsOf(dict).size > 0);
  if (other instanceof Map) return { state: tensorsOf(other) };
  if (own.size > 0 && value instanceof Map) return { state: own };
  return none(value, where, usual, foreign);
}

const numbered = ([i, value]: readonly [number, PickleValue]) => [String(i), value] as const;

/** The dict at a key, or the state dict with a network under an attribute of that name. */
function askedFor(checkpoint: PickleDict, asked: string, found: readonly Found[]): StateDict | undefined {
  const dict = checkpoint.get(asked);
  const state = dict instanceof Map ? tensorsOf(dict) : undefined;
  if (state && state.size > 0) return state;
  const inside = (names: Iterable<string>) => [...names].some((name) => `.${name}`.includes(`.${asked}.`));
  return (found.find(({ key }) => key === asked) ?? found.find((one) => inside(one.state.keys())))?.state;
}

function noteOn({ key }: Found, others: readonly Found[]): { readonly note?: string } {
  const names = (list: readonly Found[]) => list.map((one) => show(one.key)).join(", ");
  const averaged = others.filter((one) => AVERAGED_KEYS.includes(one.key));
  const rest = others.filter((one) => !AVERAGED_KEYS.includes(one.key));
  if (key === "" || others.length === 0) return {};
  const has = [
    ...(rest.length > 0 ? [`${names(rest)} ${rest.length === 1 ? "has" : "have"} others`] : []),
    ...(averaged.length > 0 ? [`${names(averaged)} has averaged ones`] : []),
  ];
  return { note: `the weights are those of ${show(key)}; ${has.join(", ")}: load with stateDict to choose` };
}

function none(value: PickleValue, where: string, usual: readonly string[], foreign: WeightsError | undefined): never {
  if (foreign) throw foreign;
  if (!(value instanceof Map)) throw refuse(where, showPickled(value), "a dict of tensors", SAVE_STATE_DICT);
  const keys = [...value.keys()].map(showPickled);
  const has = keys.length === 0 ? "an empty dict" : `a dict of ${listNames(keys)}`;
  throw refuse(where, has, `tensors by name, or a state dict as ${usual.map(show).join(", ")}`);
}

/** The model's name in a checkpoint of timm's training script. */
export function archIn(value: PickleValue): string | undefined {
  const arch = value instanceof Map ? value.get("arch") : undefined;
  return typeof arch === "string" ? arch : undefined;
}

/** Class names in a checkpoint: the inverse of `class_to_idx` of torchvision's folders, or a list. */
export function labelsIn(value: PickleValue): readonly string[] | undefined {
  if (!(value instanceof Map)) return undefined;
  const index = value.get("class_to_idx");
  if (index instanceof Map && index.size > 0) return byIndex([...index].map(([name, i]) => [i, name]));
  for (const key of ["idx_to_class", "id2label"]) {
    const names = value.get(key);
    if (names instanceof Map && names.size > 0) return byIndex([...names]);
  }
  // OpenMMLab keeps them in `meta`.
  const meta = value.get("meta");
  const owners = meta instanceof Map ? [value, meta] : [value];
  const lists = ["classes", "class_names", "labels", "CLASSES"].flatMap((key) => owners.map((owner) => owner.get(key)));
  return lists.find(
    (list): list is string[] => Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === "string"),
  );
}

function byIndex(pairs: readonly (readonly [PickleValue, PickleValue])[]): readonly string[] | undefined {
  const names: string[] = [];
  for (const [i, name] of pairs) {
    const place = Number(i);
    if (typeof name !== "string" || !(place >= 0 && place < pairs.length) || names[place] !== undefined)
      return undefined;
    names[place] = name;
  }
  return names;
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
