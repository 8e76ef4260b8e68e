import { type Shape, sizeOf, type Tensor } from "../../../tensor.ts";
import { checksum } from "./checksum.ts";
import { MESSAGE } from "./object-header.ts";
import { SIGNATURE } from "./signature.ts";

/** A group to write or, with a tensor, a dataset. Both may have attributes, which are texts or lists of texts. */
export interface Hdf5Tree {
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  readonly members?: Readonly<Record<string, Hdf5Tree>>;
  readonly tensor?: Tensor;
}

const SUPERBLOCK_BYTES = 48;
const UNDEFINED = 2n ** 64n - 1n;
const GROUP_INFO = 0x0a;
const FILL_VALUE = 0x05;
/** Most bytes of a message. */
const MAX_MESSAGE = 0xffff;

/**
 * Writes an HDF5 file that libraries since 1.8 (2008) read: superblock version 2, object headers with links and
 * attributes, contiguous float32 datasets. The same tree gives the same bytes, without timestamps.
 */
export function writeHdf5(root: Hdf5Tree): Uint8Array {
  const parts: Uint8Array[] = [];
  let end = SUPERBLOCK_BYTES;
  const place = (bytes: Uint8Array): number => {
    const address = end;
    const padding = -bytes.length & 7;
    parts.push(bytes, new Uint8Array(padding));
    end += bytes.length + padding;
    return address;
  };
  /** Places an object after its members, because the group's header has their addresses. */
  const placeObject = ({ attributes = {}, members = {}, tensor }: Hdf5Tree): number => {
    const messages = Object.entries(attributes).map(([name, value]) => attributeMessage(name, value));
    if (tensor) messages.unshift(...datasetMessages(tensor, place(littleEndian(tensor.data))));
    else {
      const links = Object.entries(members).map(([name, member]) => linkMessage(name, placeObject(member)));
      messages.unshift(linkInfoMessage, groupInfoMessage, ...links);
    }
    return place(objectHeader(messages));
  };
  const rootAddress = placeObject(root);
  return join([superblock(end, rootAddress), ...parts]);
}

/** Encodes fields with their numbers of bytes. */
function fields(...values: readonly (readonly [bytes: 1 | 2 | 3 | 4 | 8, value: number | bigint])[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([bytes, value]) =>
      Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn)),
    ),
  );
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  return join([bytes, fields([4, checksum(bytes)])]);
}

function littleEndian(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function superblock(end: number, root: number): Uint8Array {
  const addresses = fields([8, 0], [8, UNDEFINED], [8, end], [8, root]);
  return withChecksum(join([SIGNATURE, fields([1, 2], [1, 8], [1, 8], [1, 0]), addresses]));
}

function objectHeader(messages: readonly Uint8Array[]): Uint8Array {
  const body = join(messages);
  const SIZE_IN_4_BYTES = 0x02;
  return withChecksum(join([ascii("OHDR"), fields([1, 2], [1, SIZE_IN_4_BYTES], [4, body.length]), body]));
}

function message(type: number, ...data: readonly Uint8Array[]): Uint8Array {
  const body = join(data);
  if (body.length > MAX_MESSAGE) throw new RangeError(`an HDF5 header message of ${body.length} bytes`);
  return join([fields([1, type], [2, body.length], [1, 0]), body]);
}

const linkInfoMessage = message(MESSAGE.linkInfo, fields([1, 0], [1, 0], [8, UNDEFINED], [8, UNDEFINED]));
const groupInfoMessage = message(GROUP_INFO, fields([1, 0], [1, 0]));

function linkMessage(name: string, address: number): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  const UTF8_AND_2_BYTES_OF_LENGTH = 0x11;
  const head = fields([1, 1], [1, UTF8_AND_2_BYTES_OF_LENGTH], [1, 1], [2, bytes.length]);
  return message(MESSAGE.link, head, bytes, fields([8, address]));
}

function dataspace(shape: Shape): Uint8Array {
  const [SCALAR, SIMPLE] = [0, 1];
  const head = fields([1, 2], [1, shape.length], [1, 0], [1, shape.length === 0 ? SCALAR : SIMPLE]);
  return join([head, fields(...shape.map((n) => [8, n] as const))]);
}

/** IEEE 754 single precision: sign in bit 31, exponent of 8 bits from 23 with bias 127, fraction of 23 bits from 0. */
const float32 = fields([1, 0x11], [3, 0x1f20], [4, 4], [2, 0], [2, 32], [1, 23], [1, 8], [1, 0], [1, 23], [4, 127]);

function datasetMessages({ shape }: Tensor, address: number): Uint8Array[] {
  const ALLOCATED_LATE_FILLED_IF_SET = 0x0a;
  const CONTIGUOUS = 1;
  return [
    message(MESSAGE.dataspace, dataspace(shape)),
    message(MESSAGE.datatype, float32),
    message(FILL_VALUE, fields([1, 3], [1, ALLOCATED_LATE_FILLED_IF_SET])),
    message(MESSAGE.layout, fields([1, 3], [1, CONTIGUOUS], [8, address], [8, 4 * sizeOf(shape)])),
  ];
}

/** Texts of one length, padded with zeros, as in numpy. */
function attributeMessage(name: string, value: string | readonly string[]): Uint8Array {
  const texts = (typeof value === "string" ? [value] : value).map((item) => new TextEncoder().encode(item));
  const width = Math.max(1, ...texts.map(({ length }) => length));
  const ZERO_PADDED_UTF8 = 0x11;
  const type = fields([1, 0x13], [3, ZERO_PADDED_UTF8], [4, width]);
  const space = dataspace(typeof value === "string" ? [] : [texts.length]);
  const nameBytes = ascii(`${name}\0`);
  const head = fields([1, 3], [1, 0], [2, nameBytes.length], [2, type.length], [2, space.length], [1, 0]);
  const data = new Uint8Array(width * texts.length);
  texts.forEach((item, i) => {
    data.set(item, i * width);
  });
  return message(MESSAGE.attribute, head, nameBytes, type, space, data);
}

function ascii(characters: string): Uint8Array {
  return Uint8Array.from(characters, (c) => c.charCodeAt(0));
}
