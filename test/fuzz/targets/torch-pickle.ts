import { readPytorch } from "../../../packages/mobilenets/src/weights/pytorch/read.ts";
import { pickledCall, timmState, torchArchive, torchPickle } from "../../support/torch-file.ts";
import type { Target } from "../harness.ts";

/** Mutates only pickles inside a valid archive, so that every mutation reaches the unpickler. */
export function target(): Target {
  const state = timmState("mobilenet_v1", { classes: 2, alpha: 0.05, flavor: "timm" });
  const { pickle, storages } = torchPickle(state);
  const { pickle: nested } = torchPickle(new Map([["model", state]]));
  return {
    files: { pickle, nested, system: pickledCall("os", "system", "echo harmed") },
    read: async (bytes) => {
      const file = torchArchive(bytes, storages);
      const { tensors } = await readPytorch(file, "fuzzed.pth", () => Promise.reject(new Error("no companions")));
      for (const { data } of Object.values(tensors)) data.at(-1);
    },
  };
}
