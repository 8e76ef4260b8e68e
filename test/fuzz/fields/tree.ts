import { below, chance, pick, type Rng, weighted } from "../dice.ts";
import { hostileName, hostileNumber, hostilePath, otherType } from "./hostile.ts";

/** The fields of a file. Views of memory are contents of a tensor or shard. */
export type Tree = undefined | null | boolean | number | string | ArrayBufferView | Text | Twice | Tree[] | Members;
export interface Members {
  [key: string]: Tree;
}

/** A text in the file that is JSON. */
export class Text {
  value: Tree;
  constructor(value: Tree) {
    this.value = value;
  }
}

/** A duplicate member of an object. */
export class Twice {
  first: Tree;
  second: Tree;
  constructor(first: Tree, second: Tree) {
    this.first = first;
    this.second = second;
  }
}

export interface Habits {
  /** Whether fields keep their types, because the format allows no others; JSON allows all. */
  readonly typed?: boolean;
  /** Names of members with paths of other files. */
  readonly paths?: readonly string[];
}

/** The place of a value: a member of an object, or an item of a list. */
interface Place {
  readonly holder: Record<string | number, Tree>;
  readonly key: string | number;
  readonly kind: Kind;
}

/** Places with the same meaning: members of one name in objects of one kind, or all items of a list. */
class Kind {
  readonly name: string;
  readonly within: Kind | undefined;
  readonly places: Place[] = [];
  readonly #kinds = new Map<string, Kind>();

  constructor(name: string, within?: Kind) {
    this.name = name;
    this.within = within;
  }

  of(name: string): Kind {
    let kind = this.#kinds.get(name);
    if (!kind) {
      kind = new Kind(name, this);
      this.#kinds.set(name, kind);
    }
    return kind;
  }

  /** Names from the outermost to the innermost. */
  get path(): readonly string[] {
    return this.within ? [...this.within.path, this.name] : [];
  }
}

/** A copy that shares only contents. */
export function copyOf<T extends Tree>(tree: T): T;
export function copyOf(tree: Tree): Tree {
  if (tree instanceof Text) return new Text(copyOf(tree.value));
  if (tree instanceof Twice) return new Twice(copyOf(tree.first), copyOf(tree.second));
  if (Array.isArray(tree)) return tree.map((item) => copyOf(item));
  if (!isMembers(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, copyOf(value)]));
}

export function isMembers(tree: Tree): tree is Members {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) && !ArrayBuffer.isView(tree);
}

const ITEM = "[]";

function placesOf(root: Members): Place[] {
  const places: Place[] = [];
  const add = (holder: Place["holder"], key: string | number, kind: Kind) => {
    const place = { holder, key, kind };
    places.push(place);
    kind.places.push(place);
    visit(holder[key], kind);
  };
  const visit = (holder: Tree, kind: Kind) => {
    if (Array.isArray(holder)) {
      const items = kind.of(ITEM);
      for (let i = 0; i < holder.length; i++) add(holder as unknown as Place["holder"], i, items);
    } else if (isMembers(holder)) {
      for (const key of Object.keys(holder)) add(holder, key, kind.of(key));
    }
  };
  visit(root, new Kind(""));
  return places;
}

/**
 * Changes one field of a tree.
 * @returns a description of the change
 */
export function changeTree(root: Members, rng: Rng, habits: Habits = {}): string {
  const places = placesOf(root);
  if (places.length === 0) return "empty as before";
  // By kind first, so that long lists do not hide single fields.
  const kinds = [...new Set(places.map(({ kind }) => kind))];
  const place = pick(rng, chance(rng, 0.6) ? pick(rng, kinds).places : places);
  const where = place.kind.path.join(".").slice(0, 200);
  return `${where}: ${changeAt(place, { root, places, rng, habits })}`;
}

interface Scene {
  readonly root: Members;
  readonly places: readonly Place[];
  readonly rng: Rng;
  readonly habits: Habits;
}

/** Changes a place, and describes the change. */
type Change = (place: Place, scene: Scene) => string;

const set = ({ holder, key }: Pick<Place, "holder" | "key">, value: Tree): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
};
const valueAt = ({ holder, key }: Place): Tree => holder[key];

function changeAt(place: Place, scene: Scene): string {
  const { rng, habits } = scene;
  const value = valueAt(place);
  const general: (readonly [number, Change])[] = [
    [1, remove],
    [1.5, fromAlike],
    ...(habits.typed
      ? []
      : ([
          [0.7, fromAnywhere],
          [1.5, retype],
        ] as const)),
  ];
  return weighted(rng, [...own(value, place, scene), ...general])(place, scene);
}

function own(value: Tree, place: Place, { habits }: Scene): readonly (readonly [number, Change])[] {
  if (typeof value === "number")
    return [
      [6, renumber],
      [2, everywhere],
    ];
  if (typeof value === "string") {
    const isPath = habits.paths?.some((name) => place.kind.path.includes(name));
    return [
      [3, rename],
      [isPath ? 12 : 0.2, repath],
      [3, everywhere],
      [3, fromAlike],
    ];
  }
  if (typeof value === "boolean") return [[4, flip]];
  if (ArrayBuffer.isView(value)) return [[4, refill]];
  if (Array.isArray(value))
    return [
      [1, empty],
      [2, drop],
      [2, double],
      [2, swap],
      [0.3, multiply],
    ];
  if (value instanceof Text || value instanceof Twice || !isMembers(value)) return [];
  const members: (readonly [number, Change])[] = [
    [2, drop],
    [2, renameKey],
    [1, addKey],
  ];
  return habits.typed ? [[2, drop]] : [...members, [1, twice]];
}

const remove: Change = ({ holder, key }) => {
  if (Array.isArray(holder)) holder.splice(key as number, 1);
  else delete holder[key];
  return "left out";
};

/** Another value of the same meaning: names of other nodes make cycles, other types swap types. */
const fromAlike: Change = (place, { rng }) => {
  set(place, copyOf(valueAt(pick(rng, place.kind.places))));
  return `now ${told(valueAt(place))}, as elsewhere`;
};

const fromAnywhere: Change = (place, { places, rng }) => {
  const size = (tree: Tree): number =>
    Array.isArray(tree)
      ? tree.reduce<number>((sum, item) => sum + size(item), 1)
      : isMembers(tree)
        ? Object.values(tree).reduce<number>((sum, item) => sum + size(item), 1)
        : 1;
  const value = valueAt(pick(rng, places));
  // A tree inside itself doubles with each change.
  set(place, size(value) > 1000 ? null : copyOf(value));
  return `now ${told(valueAt(place))}, from another place`;
};

const retype: Change = (place, { rng }) => {
  set(place, otherType(rng) as Tree);
  return `now ${told(valueAt(place))}`;
};

const renumber: Change = (place, { rng }) => {
  const before = valueAt(place) as number;
  set(place, hostileNumber(rng, before));
  return `${before} becomes ${told(valueAt(place))}`;
};

const rename: Change = (place, { rng }) => {
  const before = valueAt(place);
  set(place, hostileName(rng));
  return `${told(before)} becomes ${told(valueAt(place))}`;
};

const repath: Change = (place, { rng }) => {
  set(place, hostilePath(rng));
  return `now the path ${told(valueAt(place))}`;
};

const flip: Change = (place) => {
  set(place, !valueAt(place));
  return `now ${valueAt(place)}`;
};

const refill: Change = (place, { rng }) => {
  const view = valueAt(place) as ArrayBufferView;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  const [what, after] = weighted<readonly [string, Uint8Array]>(rng, [
    [1, ["empty", new Uint8Array()]],
    [1, ["cut short", bytes.slice(0, below(rng, bytes.length + 1))]],
    [1, ["longer", Uint8Array.from([...bytes.subarray(0, 100), ...bytes])]],
    [1, ["of NaN", bytes.fill(0xff)]],
    [1, ["of huge numbers", bytes.fill(0x7f)]],
    [1, ["zeros", bytes.fill(0)]],
  ]);
  const Kind = view.constructor as new (buffer: ArrayBuffer, at: number, length: number) => ArrayBufferView;
  const unit = (view as Uint8Array).BYTES_PER_ELEMENT ?? 1;
  const buffer = new Uint8Array(after).buffer;
  set(place, new Kind(buffer, 0, Math.floor(after.length / unit)));
  return `contents ${what}`;
};

const empty: Change = (place) => {
  set(place, []);
  return "an empty list";
};

const drop: Change = (place, { rng }) => {
  const value = valueAt(place) as Tree[] | Members;
  const keys = Object.keys(value);
  if (keys.length === 0) return "empty as before";
  const key = pick(rng, keys);
  if (Array.isArray(value)) value.splice(Number(key), 1);
  else delete value[key];
  return `without ${told(key)}`;
};

const double: Change = (place, { rng }) => {
  const list = valueAt(place) as Tree[];
  if (list.length === 0) return "empty as before";
  const i = below(rng, list.length);
  list.splice(below(rng, list.length + 1), 0, copyOf(list[i]));
  return `item ${i} twice`;
};

const swap: Change = (place, { rng }) => {
  const list = valueAt(place) as Tree[];
  if (list.length === 0) return "empty as before";
  const [i, j] = [below(rng, list.length), below(rng, list.length)];
  [list[i], list[j]] = [list[j], list[i]];
  return `items ${i} and ${j} exchanged`;
};

const multiply: Change = (place, { rng }) => {
  const list = valueAt(place) as Tree[];
  const item = list.length === 0 ? 0 : pick(rng, list);
  const count = typeof item === "object" && item !== null ? 200 : pick(rng, [100, 5000, 200_000]);
  set(
    place,
    Array.from({ length: count }, () => copyOf(item)),
  );
  return `${count} times ${told(item)}`;
};

const renameKey: Change = (place, { rng }) => {
  const entries = Object.entries(valueAt(place) as Members);
  if (entries.length === 0) return "empty as before";
  const i = below(rng, entries.length);
  const [before, value] = entries[i];
  entries[i] = [hostileName(rng), value];
  set(place, Object.fromEntries(entries));
  return `${told(before)} is called ${told(entries[i][0])}`;
};

const addKey: Change = (place, { rng }) => {
  const entries = Object.entries(valueAt(place) as Members);
  const key = hostileName(rng);
  set(place, Object.fromEntries([...entries, [key, otherType(rng) as Tree]]));
  return `with ${told(key)}`;
};

const twice: Change = (place, { rng }) => {
  const members = valueAt(place) as Members;
  const keys = Object.keys(members);
  if (keys.length === 0) return "empty as before";
  const key = pick(rng, keys);
  members[key] = new Twice(members[key], chance(rng, 0.5) ? copyOf(members[key]) : (otherType(rng) as Tree));
  return `${told(key)} twice`;
};

/** Changes a number or name in all its places, so that they stay consistent. */
const everywhere: Change = (place, { root, rng }) => {
  const before = valueAt(place) as number | string;
  let after: number | string = typeof before === "number" ? hostileNumber(rng, before) : hostileName(rng);
  if (typeof after === "string" && after.length > 1000) after = after.slice(0, 1000);
  for (const { holder, key } of placesOf(root)) {
    if (!(key in holder)) continue;
    const value = holder[key];
    if (value === before) set({ holder, key }, after);
    else if (typeof before === "string" && typeof value === "string") {
      set({ holder, key }, inParts(value, before, after as string));
    }
  }
  if (typeof before === "string") renameKeys(root, before, after as string);
  return `${told(before)} becomes ${told(after)} everywhere`;
};

/** Replaces a name inside `a/b` or `a:0`. */
function inParts(text: string, before: string, after: string): string {
  if (before === "" || !text.includes(before) || text.length > 10_000) return text;
  return text
    .split(/([/:])/)
    .map((part) => (part === before ? after : part))
    .join("");
}

function renameKeys(tree: Tree, before: string, after: string): void {
  if (Array.isArray(tree)) for (const item of tree) renameKeys(item, before, after);
  if (!isMembers(tree)) return;
  for (const item of Object.values(tree)) renameKeys(item, before, after);
  if (tree instanceof Text || tree instanceof Twice) return;
  const entries = Object.entries(tree);
  if (!entries.some(([key]) => inParts(key, before, after) !== key)) return;
  for (const [key] of entries) delete tree[key];
  for (const [key, value] of entries) set({ holder: tree, key: inParts(key, before, after) }, value);
}

/** A value for a report. */
function told(value: Tree): string {
  if (typeof value === "number" || value === undefined) return String(value);
  if (ArrayBuffer.isView(value)) return "contents";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}… (${text.length})` : text;
}
