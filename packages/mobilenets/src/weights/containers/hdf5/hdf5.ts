import { deferred } from "../../../deferred.ts";
import { type Shape, sizeOf, type Tensor } from "../../../tensor.ts";
import { readChunks } from "./chunks.ts";
import { readDataspace, readDatatype, readTexts } from "./datatype.ts";
import { readFilters, type Undo } from "./filters.ts";
import { type Members, readMembers } from "./group.ts";
import { MESSAGE, type Message, readObjectHeader } from "./object-header.ts";
import { type Cursor, Source, text } from "./source.ts";
import { readSuperblock } from "./superblock.ts";

/**
 * Opens the bytes of an HDF5 file: a tree of groups and datasets, both with attributes. It reads the default output of
 * h5py and that of `writeHdf5`: contiguous floating-point datasets, text attributes, and chunked datasets compressed by
 * gzip. Access to other parts throws.
 *
 * We do not use the C library compiled to WebAssembly because it does not withstand hostile files: docs/lab.md.
 *
 * @param where names the file in errors
 * @throws WeightsError for a damaged or unsupported file, here and from the methods of its objects
 */
export function openHdf5(bytes: Uint8Array, where: string): Hdf5Object {
  const source = new Source(bytes, where);
  return new Hdf5Object(source, readSuperblock(source), new Map());
}

/** A group or a dataset. */
export class Hdf5Object {
  readonly #source: Source;
  readonly #messages: ReadonlyMap<number, readonly Message[]>;
  /** Opened objects by address, so that a group with many names is read and kept once. */
  readonly #opened: Map<number, Hdf5Object>;
  #members: Members | undefined;

  constructor(source: Source, address: number, opened: Map<number, Hdf5Object>) {
    this.#source = source;
    this.#messages = byType(readObjectHeader(source, address));
    this.#opened = opened.set(address, this);
  }

  /** Names of a group's members; none for a dataset. */
  get names(): readonly string[] {
    return [...this.#memberAddresses().keys()];
  }

  /** A member, or a nested member by a path `a/b/c`; undefined if there is none. */
  get(path: string): Hdf5Object | undefined {
    let object: Hdf5Object | undefined = this;
    for (const name of path.split("/")) {
      if (!object) break;
      object = object.#member(name);
    }
    return object;
  }

  /** An attribute's text or list of texts; undefined if there is no such attribute. */
  texts(name: string): readonly string[] | undefined {
    const info = this.#find(MESSAGE.attributeInfo);
    if (info) refuseDense(this.#source, info);
    for (const { data } of this.#messages.get(MESSAGE.attribute) ?? []) {
      const texts = readAttribute(this.#source, data(), name);
      if (texts) return texts;
    }
    return undefined;
  }

  /** A dataset's numbers as float32; undefined for a group, and for a dataset of other types. */
  tensor(): Promise<Tensor | undefined> {
    return this.#numbers("float");
  }

  /** A dataset of signed bytes as float32; undefined for any other. */
  int8(): Promise<Tensor | undefined> {
    return this.#numbers("int8");
  }

  async #numbers(kind: "float" | "int8"): Promise<Tensor | undefined> {
    const source = this.#source;
    const layout = this.#find(MESSAGE.layout);
    const dataspace = this.#find(MESSAGE.dataspace);
    const datatype = this.#find(MESSAGE.datatype);
    if (!layout || !dataspace || !datatype) return undefined;
    const type = readDatatype(source, datatype);
    const shape = readDataspace(dataspace);
    if (type.kind !== kind || shape === null) return undefined;
    if (this.#find(MESSAGE.externalFiles)) source.unsupported("data in other files");
    const filters = this.#find(MESSAGE.filters);
    const data = await readData(source, layout, shape, type.size, filters ? readFilters(source, filters) : []);
    // Smaller numbers stay as the file stores them until they are used.
    if (type.size >= Float32Array.BYTES_PER_ELEMENT) return { data: type.read(data), shape };
    return deferred(shape, () => type.read(data));
  }

  #member(name: string): Hdf5Object | undefined {
    const address = this.#memberAddresses().get(name);
    if (address === undefined) return undefined;
    return this.#opened.get(address) ?? new Hdf5Object(this.#source, address, this.#opened);
  }

  #memberAddresses(): Members {
    this.#members ??= readMembers(this.#source, [...this.#messages.values()].flat());
    return this.#members;
  }

  #find(type: number): Cursor | undefined {
    return this.#messages.get(type)?.[0].data();
  }
}

function byType(messages: readonly Message[]): ReadonlyMap<number, readonly Message[]> {
  const sorted = new Map<number, Message[]>();
  for (const message of messages) {
    const same = sorted.get(message.type) ?? [];
    same.push(message);
    sorted.set(message.type, same);
  }
  return sorted;
}

/** Refuses the newer formats' storage of many attributes, which h5py uses only on request. */
function refuseDense(source: Source, c: Cursor): void {
  c.version(0);
  if (c.u8() & 0x01) c.skip(2);
  if (c.address() !== null) source.unsupported('attributes in "dense" storage');
}

/** Least cost of reading an attribute, besides its name. */
const ATTRIBUTE_BYTES = 16;

/** @returns undefined for an attribute of another name, of which only the name is read */
function readAttribute(source: Source, c: Cursor, wanted: string): readonly string[] | undefined {
  const version = c.version(1, 2, 3);
  const shared = c.u8();
  const [nameSize, typeSize, spaceSize] = [c.u16(), c.u16(), c.u16()];
  if (version === 3) c.skip(1);
  const field = (size: number) => {
    const taken = c.take(size);
    if (version === 1) c.align();
    return taken;
  };
  source.spend(ATTRIBUTE_BYTES + nameSize);
  if (text(field(nameSize).bytes(nameSize)) !== wanted) return undefined;
  if (version > 1 && shared !== 0) source.unsupported("an attribute of a committed datatype");
  const type = readDatatype(source, field(typeSize));
  const shape: Shape | null = readDataspace(field(spaceSize));
  // Python gives an empty list the type of numbers.
  const count = shape === null ? 0 : sizeOf(shape);
  if (count === 0) return [];
  if (type.kind !== "text" && type.kind !== "reference to text") {
    return source.unsupported(`an attribute ${JSON.stringify(wanted)} that is not text`);
  }
  return readTexts(source, type, count, c);
}

/** Copies a dataset's bytes. @param size bytes per element */
async function readData(
  source: Source,
  layout: Cursor,
  shape: Shape,
  size: number,
  filters: readonly Undo[],
): Promise<ArrayBuffer> {
  const LAYOUT = { compact: 0, contiguous: 1, chunked: 2 } as const;
  const version = layout.u8();
  if (version !== 3 && version !== 4) source.unpackable(`version ${version} of a dataset's layout`);
  const kind = layout.u8();
  if (kind === LAYOUT.chunked && version === 3) return readChunks(source, layout, shape, size, filters);
  const length = sizeOf(shape) * size;
  if (kind === LAYOUT.compact) {
    const stored = layout.u16();
    if (stored < length) source.damaged(`a dataset of ${length} bytes in ${stored}`);
    source.spend(length);
    return new Uint8Array(layout.bytes(length)).buffer;
  }
  if (kind !== LAYOUT.contiguous) return source.unpackable("datasets in chunks, as HDF5 1.10 and later index them");
  const address = layout.address();
  const stored = layout.size();
  if (stored < length) source.damaged(`a dataset of ${length} bytes in ${stored}`);
  if (length === 0) return new ArrayBuffer(0);
  if (address === null) return source.damaged("a dataset that was never written");
  return new Uint8Array(source.cursor(address, length, "a dataset").bytes(length)).buffer;
}
