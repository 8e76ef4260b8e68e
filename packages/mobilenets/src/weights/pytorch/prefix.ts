import { listNames, show } from "../../show.ts";
import { huggingFaceAttributes } from "../names/huggingface.ts";
import { namingOf } from "./namings.ts";
import type { StateDict } from "./state-dict.ts";

/**
 * Attribute names before all of a model's names: of DataParallel, torch.compile, Lightning, and scripts' classes.
 */
const PREFIX =
  /^(?:(?:module|_orig_mod|model|net|network|backbone|encoder|base_model|feature_extractor|student|encoder_q)\.)+/;

export interface Parts {
  /** The network's parameters without prefix. */
  readonly own: StateDict;
  /** Other parameters of a checkpoint whose network is in an attribute. */
  readonly outside: StateDict;
  /** Notes on other networks in the checkpoint. */
  readonly notes: readonly string[];
}

/**
 * Removes the prefix of the attribute that holds a network.
 * @param asked the attribute of the network to take, if there are several
 */
export function withoutPrefix(state: StateDict, asked?: string): Parts {
  const names = [...state.keys()];
  const found = names.flatMap((name) => {
    const bare = name.replace(/^.*?(?=(?:features\.0\.0|_?conv_stem(?:\.(?:first_conv\.)?convolution)?)\.weight$)/, "");
    return namingOf(bare) ? [name.slice(0, name.length - bare.length)] : [];
  });
  if (found.length > 0) return ofAttribute(state, found, asked);
  // torchvision's `model.features.state_dict()`, perhaps in an attribute, or first in a Sequential.
  const stems = names.filter((name) => /(^|\.)0\.0\.weight$/.test(name) && state.get(name)?.shape.length === 4);
  const starts = stems
    .map((name) => name.slice(0, -"0.0.weight".length))
    .filter((start) => state.has(`${start}0.1.running_mean`));
  if (starts.length === 0) return { own: state, outside: new Map(), notes: [] };
  const start = chosen(starts, asked);
  return { ...split(state, start, (name) => `features.${name}`), notes: [] };
}

/** @param prefixes prefixes of the networks */
function ofAttribute(state: StateDict, prefixes: readonly string[], asked: string | undefined): Parts {
  const prefix = chosen(prefixes, asked);
  const others = prefixes.filter((one) => one !== prefix && one !== "");
  const alone = new Map([...state].filter(([name]) => !others.some((other) => name.startsWith(other))));
  const called = (one: string) => show(one.replace(/\.$/, ""));
  const note = `the weights are those of ${called(prefix)}; ${listNames(others.map(called))} has others: load with stateDict to choose`;
  const notes = others.length > 0 && asked === undefined ? [note] : [];
  const torchvisions = state.has(`${prefix}features.0.0.weight`);
  const parts = split(alone, prefix, torchvisions ? headName : (name) => name);
  // transformers has the classifier beside the network.
  const attribute = huggingFaceAttributes.find((one) => `.${prefix}`.endsWith(`.${one}.`));
  if (attribute === undefined) return { ...parts, notes };
  const head = split(parts.outside, prefix.slice(0, -`${attribute}.`.length), (name) => name);
  return { own: new Map([...parts.own, ...head.own]), outside: new Map(), notes };
}

/** The requested network, or one in an attribute of a usual name, or the first. */
function chosen(prefixes: readonly string[], asked: string | undefined): string {
  const wanted = asked === undefined ? undefined : prefixes.find((one) => `.${one}`.includes(`.${asked}.`));
  return wanted ?? prefixes.find((one) => one === one.match(PREFIX)?.[0]) ?? prefixes[0];
}

function split(state: StateDict, prefix: string, own: (name: string) => string): Omit<Parts, "notes"> {
  const inside = [...state].filter(([name]) => name.startsWith(prefix));
  return {
    own: new Map(inside.map(([name, tensor]) => [own(name.slice(prefix.length)), tensor])),
    outside: new Map([...state].filter(([name]) => !name.startsWith(prefix))),
  };
}

/** The usual name of a head: torchvision's V2 may have `classifier = Linear(1280, n)` without a Sequential. */
function headName(name: string): string {
  return name.replace(/^classifier\.(weight|bias)$/, "classifier.1.$1");
}
