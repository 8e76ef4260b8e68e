import { load, type Model, type NetworkName } from "mobilenets";
import type { Contender, Task } from "../contender.ts";
import { INPUT_SHAPE } from "../picture.ts";

/** Loads our own file by the public interface. */
export function openOurs({ network, threads, source }: Task): Promise<Model> {
  return load(network as NetworkName, { weights: source("model.safetensors"), threads });
}

export const contender: Contender = {
  async open(task) {
    const model = await openOurs(task);
    return { run: async (data) => (await model.predict({ data, shape: [1, ...INPUT_SHAPE] })).data };
  },
};
