// What a built file calls; `scripts/build-standalone.ts` makes a script of it.
import { isOthers, ownFitting } from "../../image/fitting.ts";
import { othersFitting } from "../../image/others-fitting.ts";
import type { Description } from "../description.ts";
import { createModel, type Parts } from "./model.ts";

export { beside, given, inside } from "./parts.ts";

export const create = (description: Description, parts: Parts) => {
  const { preprocessing } = description;
  return createModel(description, parts, isOthers(preprocessing) ? othersFitting(preprocessing.resize!) : ownFitting);
};
