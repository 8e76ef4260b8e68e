/** Tags of the fields that may follow a ModelProto's version: names, graph, operator sets, metadata and functions. */
const NEXT_TAGS: readonly number[] = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xca];

/** ONNX files have no magic number. They begin with a small version number, because all writers put it first. */
export function isOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && bytes[1] > 0 && bytes[1] < 32 && NEXT_TAGS.includes(bytes[2]);
}
