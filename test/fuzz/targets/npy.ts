import { readFileSync } from "node:fs";
import { ReadError } from "../../../packages/mobilenets/src/platform/platform.ts";
import { openNpy, readNpy } from "../../../packages/mobilenets/src/search/npy.ts";
import type { Target } from "../harness.ts";

const golden = (name: string) =>
  Uint8Array.from(readFileSync(new URL(`../../golden/npy/${name}.npy`, import.meta.url)));

/** NumPy's files of every dtype and version, and a structured header. */
export function target(): Target {
  const names = ["f4", "f2", "f8", "i1", "maps", "no-rows", "f4-version-2", "f2-version-3", "records"];
  return {
    files: Object.fromEntries(names.map((name) => [name, golden(name)])),
    async read(bytes) {
      const { data } = await readNpy(bytes);
      let numbers = 0;
      for await (const block of await openNpy(new Blob([Uint8Array.from(bytes)]))) numbers += block.data.length;
      if (numbers !== data.length) throw new Error(`${numbers} numbers in blocks, ${data.length} in all`);
    },
    refusal: ReadError,
  };
}
