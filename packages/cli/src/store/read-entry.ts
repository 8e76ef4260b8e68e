import { open } from "node:fs/promises";
import { ReadError } from "mobilenets";
import type { Limits } from "../pictures/limits.ts";
import type { Share } from "../pictures/memory-budget.ts";
import { readSource } from "../pictures/read-source.ts";
import type { Entry, Member } from "./entry.ts";
import { isS3, readS3 } from "./inputs/s3.ts";

/**
 * Reads the file of a picture.
 * @param share grows by the number of bytes
 * @throws ReadError if the file cannot be read, or exceeds the limits
 */
export function readEntry({ path, member }: Entry, limits: Limits, share: Share): Promise<Uint8Array> {
  if (member) return readMember(path, member, limits, share);
  return isS3(path) ? readS3(path, limits, share) : readSource(path, limits, share);
}

async function readMember(where: string, member: Member, { maxBytes }: Limits, share: Share): Promise<Uint8Array> {
  const { archive, offset, size } = member;
  if (size > maxBytes) {
    const expected = `at most ${maxBytes / 1e6} MB`;
    throw new ReadError({ where, found: `${Math.ceil(size / 1e6)} MB`, expected, hint: "--max-mb raises the limit" });
  }
  await share.grow(size);
  const bytes = new Uint8Array(size);
  const file = await open(archive).catch((cause: NodeJS.ErrnoException) => {
    throw new ReadError({ where, found: `cannot be read (${cause.message})` }, { cause });
  });
  try {
    for (let done = 0; done < size; ) {
      const { bytesRead } = await file.read(bytes, done, size - done, offset + done);
      if (bytesRead === 0) throw new ReadError({ where, found: "an archive that has become shorter" });
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
  return bytes;
}
