import { readFileSync } from "node:fs";
import { readPytorch } from "../../../packages/mobilenets/src/weights/pytorch/read.ts";
import { pickledCall, timmState, torchLegacyFile } from "../../support/torch-file.ts";
import type { Target } from "../harness.ts";

const golden = (name: string) =>
  Uint8Array.from(readFileSync(new URL(`../../golden/torch/${name}.pth`, import.meta.url)));

/** Files of torch.save before PyTorch 1.6: real ones, a checkpoint, and a malicious one. */
export function target(): Target {
  const state = timmState("mobilenet_v1", { classes: 2, alpha: 0.05, flavor: "timm" });
  return {
    files: {
      v1: golden("timm-v1-legacy"),
      tiny: golden("tiny-legacy"),
      checkpoint: torchLegacyFile(new Map([["state_dict", state]])),
      system: torchLegacyFile(state, pickledCall("os", "system", "echo harmed")),
    },
    read: async (file) => {
      const { tensors } = await readPytorch(file, "fuzzed.pth", () => Promise.reject(new Error("no companions")));
      for (const { data } of Object.values(tensors)) data.at(-1);
    },
  };
}
