import type { Contender } from "../contender.ts";
import { INPUT_SHAPE } from "../picture.ts";
import { openOurs } from "./ours.ts";

/** Pictures per call. */
export const BATCH = 32;

/** Our library with many pictures in one call. */
export const contender: Contender = {
  async open(task) {
    const model = await openOurs(task);
    return {
      batch: BATCH,
      prepare(picture) {
        const all = new Float32Array(BATCH * picture.length);
        for (let i = 0; i < BATCH; i++) all.set(picture, i * picture.length);
        return all;
      },
      run: async (data) => (await model.predict({ data, shape: [BATCH, ...INPUT_SHAPE] })).data,
    };
  },
};
