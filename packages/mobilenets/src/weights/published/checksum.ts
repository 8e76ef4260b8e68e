import type { Checksum } from "./published.ts";

/** The checksum in a file name of torch.hub: `mobilenet_v2-7ebf99e0.pth` has the first digits of its sha256. */
export function checksumInName(file: string): Checksum {
  return { algorithm: "sha256", hex: file.slice(file.lastIndexOf("-") + 1, file.lastIndexOf(".")) };
}
