/** Local file header of a zip archive's first entry. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** The pickled magic number at the start of torch.save files before PyTorch 1.6. */
export const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const TAR = [0x75, 0x73, 0x74, 0x61, 0x72];
const EXTENSIONS = /\.(pth|pt|bin|ckpt|tar|pkl)$/i;

/** Whether this is a file of torch.save in any format; the reader refuses the oldest format with advice. */
export function isPytorchFile(bytes: Uint8Array, path: string): boolean {
  if (isLegacyFile(bytes)) return true;
  if (isZipFile(bytes)) return EXTENSIONS.test(path) || firstEntry(bytes).endsWith("/data.pkl");
  return EXTENSIONS.test(path) && (isPickle(bytes) || isTarFile(bytes));
}

export const isZipFile = (bytes: Uint8Array) => startsWith(bytes, ZIP);
export const isLegacyFile = (bytes: Uint8Array) => startsWith(bytes, LEGACY);
export const isTarFile = (bytes: Uint8Array) => startsWith(bytes, TAR, 257);

const NAMES = /(^|\.)(features\.0\.0|_?conv_stem(\.(first_conv\.)?convolution)?|0\.0)\.weight$/;

/** Whether tensors have names of a network of torchvision, timm, efficientnet_pytorch or transformers, with any prefix. */
export function hasTorchNames(names: readonly string[]): boolean {
  return names.some((name) => NAMES.test(name));
}

function startsWith(bytes: Uint8Array, magic: readonly number[], at = 0): boolean {
  return magic.every((byte, i) => bytes[at + i] === byte);
}

/** Whether bytes begin a pickle of protocol 2 to 5. */
function isPickle(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

/** Name of a zip archive's first entry. */
function firstEntry(bytes: Uint8Array): string {
  const length = bytes[26] | (bytes[27] << 8);
  return String.fromCharCode(...bytes.subarray(30, 30 + Math.min(length, 256)));
}
