import type { Checksum } from "./published.ts";

/** torch.hub's habit: `mobilenet_v2-7ebf99e0.pth` ends in the first digits of its sha256. */
export function checksumInName(file: string): Checksum {
  return { algorithm: "sha256", hex: file.slice(file.lastIndexOf("-") + 1, file.lastIndexOf(".")) };
}
