import { checksum } from "./checksum.ts";
import { Cursor, type Source } from "./source.ts";

/** The format's numbers for kinds of messages. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** A message of an object's header: its type, its place in the file, an attribute or a member. */
export interface Message {
  readonly type: number;
  /** A new cursor at the start of the data. */
  data(): Cursor;
}

const known: ReadonlySet<number> = new Set(Object.values(MESSAGE));

/** Flag of a message that points to one shared by several objects. */
const SHARED = 0x02;
/** The older kind of header counts its messages in 16 bits. */
const MAX_MESSAGES = 0xffff;
const V1_PREFIX = 16;

/** Reads all messages of a group or dataset, whose header may continue in other blocks of the file. */
export function readObjectHeader(source: Source, address: number): readonly Message[] {
  const start = source.cursor(address, 4, "an object header").bytes(4);
  const isVersion2 = String.fromCharCode(...start) === "OHDR";
  return isVersion2 ? readVersion2(source, address) : readVersion1(source, address);
}

function readVersion1(source: Source, address: number): Message[] {
  const c = source.cursor(address, V1_PREFIX, "an object header");
  c.version(1);
  c.skip(1 + 2 + 4);
  const blocks: [address: number, length: number][] = [[address + V1_PREFIX, c.u32()]];
  const messages: Message[] = [];
  for (const [at, length] of blocks) {
    const block = source.cursor(at, length, "an object header's messages");
    while (block.left >= 8) {
      const [type, size, flags] = [block.u16(), block.u16(), block.u8()];
      block.skip(3);
      collect(source, type, flags, block.bytes(size), messages, blocks);
    }
  }
  return messages;
}

function readVersion2(source: Source, address: number): Message[] {
  const rest = source.length - address;
  const c = source.cursor(address, Math.min(rest, 34), "an object header");
  c.signature("OHDR");
  c.version(2);
  const flags = c.u8();
  const times = flags & 0x20 ? 16 : 0;
  const attributeLimits = flags & 0x10 ? 4 : 0;
  c.skip(times + attributeLimits);
  const sizeBytes = 2 ** (flags & 0x03);
  const size = c.uint(sizeBytes);
  const orderBytes = flags & 0x04 ? 2 : 0;
  const prefix = 6 + times + attributeLimits + sizeBytes;

  const blocks: [address: number, length: number][] = [[address, prefix + size + 4]];
  const messages: Message[] = [];
  for (const [at, length] of blocks) {
    const all = source.cursor(at, length, "an object header's messages").bytes(length);
    if (length < 8) source.damaged("an empty continuation of an object header");
    const stored = new Cursor(source, all.subarray(-4), "a checksum").u32();
    if (checksum(all.subarray(0, -4)) !== stored) source.damaged(`an object header at ${at} with a wrong checksum`);
    const block = new Cursor(source, all.subarray(0, -4), "an object header's messages");
    if (at === address) block.skip(prefix);
    else block.signature("OCHK");
    while (block.left >= 4 + orderBytes) {
      const [type, size, messageFlags] = [block.u8(), block.u16(), block.u8()];
      block.skip(orderBytes);
      collect(source, type, messageFlags, block.bytes(size), messages, blocks);
    }
  }
  return messages;
}

function collect(
  source: Source,
  type: number,
  flags: number,
  bytes: Uint8Array,
  messages: Message[],
  blocks: [number, number][],
): void {
  const data = () => {
    if (flags & SHARED) source.unsupported("shared header messages (a committed datatype, perhaps)");
    return new Cursor(source, bytes, "a header message");
  };
  if (type === MESSAGE.continuation) {
    const c = data();
    blocks.push([c.definedAddress(), c.size()]);
  } else if (known.has(type)) {
    messages.push({ type, data });
  }
  if (messages.length > MAX_MESSAGES) source.damaged(`an object of more than ${MAX_MESSAGES} messages`);
}
