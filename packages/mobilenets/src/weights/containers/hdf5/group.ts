import { MESSAGE, type Message } from "./object-header.ts";
import { type Cursor, type Source, text } from "./source.ts";

/** Addresses of members by name. Links by path or into other files are left out: Keras neither makes nor follows them. */
export type Members = ReadonlyMap<string, number>;

export function readMembers(source: Source, messages: readonly Message[]): Members {
  const members = new Map<string, number>();
  for (const { type, data } of messages) {
    if (type === MESSAGE.symbolTable) {
      const c = data();
      readSymbolTable(source, c.definedAddress(), c.definedAddress(), members);
    } else if (type === MESSAGE.link) {
      readLink(source, data(), members);
    } else if (type === MESSAGE.linkInfo) {
      refuseDense(source, data());
    }
  }
  return members;
}

/** Refuses the newer storage of many links, a heap with two indices, which h5py uses only on request. */
function refuseDense(source: Source, c: Cursor): void {
  c.version(0);
  if (c.u8() & 0x01) c.skip(8);
  if (c.address() !== null) source.unsupported('members in "dense" storage');
}

function readLink(source: Source, c: Cursor, members: Map<string, number>): void {
  c.version(1);
  const flags = c.u8();
  const type = flags & 0x08 ? c.u8() : 0;
  if (flags & 0x04) c.skip(8);
  if (flags & 0x10) c.skip(1);
  const name = text(c.bytes(c.uint(2 ** (flags & 0x03))));
  if (type === 0) add(source, members, name, c.definedAddress());
}

/** Reads the older storage: a B-tree of nodes with addresses and with names in a heap. */
function readSymbolTable(source: Source, tree: number, heap: number, members: Map<string, number>): void {
  const names = readHeap(source, heap);
  const waiting: { address: number; level: number | null }[] = [{ address: tree, level: null }];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const { address, level } = node;
    if (level === -1) {
      readSymbolNode(source, address, names, members);
      continue;
    }
    const c = source.cursor(address, 8 + 2 * source.addressSize, "a B-tree node");
    c.signature("TREE");
    if (c.u8() !== 0) source.damaged("a B-tree that is not of a group");
    const found = c.u8();
    if (level !== null && found !== level) source.damaged(`a B-tree node of level ${found} instead of ${level}`);
    const children = c.u16();
    const { addressSize, lengthSize } = source;
    const body = source.cursor(
      address + 8 + 2 * addressSize,
      children * (lengthSize + addressSize),
      "a B-tree node's children",
    );
    for (let i = 0; i < children; i++) {
      body.skip(lengthSize);
      waiting.push({ address: body.definedAddress(), level: found - 1 });
    }
  }
}

function readHeap(source: Source, address: number): Uint8Array {
  const c = source.cursor(address, 8 + 2 * source.lengthSize + source.addressSize, "a heap of names");
  c.signature("HEAP");
  c.version(0);
  c.skip(3);
  const size = c.size();
  c.size();
  return source.cursor(c.definedAddress(), size, "a heap of names").bytes(size);
}

function readSymbolNode(source: Source, address: number, names: Uint8Array, members: Map<string, number>): void {
  const c = source.cursor(address, 8, "a symbol table node");
  c.signature("SNOD");
  c.version(1);
  c.skip(1);
  const count = c.u16();
  const entrySize = 2 * source.addressSize + 24;
  const body = source.cursor(address + 8, count * entrySize, "a symbol table");
  for (let i = 0; i < count; i++) {
    const entry = body.take(entrySize);
    const offset = entry.uint(source.addressSize);
    const header = entry.address();
    if (offset >= names.length) source.damaged("a name outside its heap");
    const end = names.indexOf(0, offset);
    const name = names.subarray(offset, end < 0 ? names.length : end);
    source.spend(name.length);
    // A link by path has no header.
    if (header !== null) add(source, members, text(name), header);
  }
}

function add(source: Source, members: Map<string, number>, name: string, address: number): void {
  if (name === "" || name.includes("/")) source.damaged(`a member called ${JSON.stringify(name.slice(0, 80))}`);
  if (members.has(name)) source.damaged(`two members called ${JSON.stringify(name.slice(0, 80))}`);
  members.set(name, address);
}
