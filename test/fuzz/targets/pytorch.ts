import { readFileSync } from "node:fs";
import { unzipSync, zipSync } from "fflate";
import { readPytorch } from "../../../packages/mobilenets/src/weights/pytorch/read.ts";
import { pickledCall, timmState, torchArchive, torchFile } from "../../support/torch-file.ts";
import type { Target } from "../harness.ts";

const golden = (name: string) =>
  Uint8Array.from(readFileSync(new URL(`../../golden/torch/${name}.pth`, import.meta.url)));
const bytes = (...parts: string[]) => Buffer.from(parts.join("").replaceAll(" ", ""), "hex");

/** Real files of the current format, a small network so that mutations hit everything, and malicious pickles. */
export function target(): Target {
  const state = timmState("mobilenet_v1", { classes: 2, alpha: 0.05, flavor: "timm" });
  const deep = bytes("8002", "5d".repeat(20_000), "61".repeat(19_999), "2e");
  const memo = bytes("8002 7d 72 ffffffff 6a ffffffff 72 feffffff 4b01 4b02 73 2e");
  return {
    files: {
      v1: torchFile(state),
      checkpoint: torchFile(new Map([["state_dict", new Map([...state].map(([name, t]) => [`module.${name}`, t]))]])),
      small: golden("torchvision-v3-small"),
      tiny: golden("tiny"),
      protocol4: golden("tiny-protocol4"),
      system: torchArchive(pickledCall("os", "system", "echo harmed")),
      deep: torchArchive(deep),
      memo: torchArchive(memo),
      deflated: zipSync(unzipSync(torchFile(state))),
      bomb: zipSync({ "archive/data.pkl": [new Uint8Array(1e8), { level: 9 }] }),
    },
    read: async (file) => {
      const { tensors } = await readPytorch(file, "fuzzed.pth", () => Promise.reject(new Error("no companions")));
      for (const { data } of Object.values(tensors)) data.at(-1);
    },
  };
}
