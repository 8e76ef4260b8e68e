// The run time inside a built file; `scripts/build-standalone.ts` bundles it into a script.
import { isOthers, ownFitting } from "../../image/fitting.ts";
import { othersFitting } from "../../image/others-fitting.ts";
import type { Description } from "../description.ts";
import { createModel, type Parts } from "./model.ts";

export { beside, given, inside } from "./parts.ts";

export const create = (description: Description, parts: Parts) => {
  const { preprocessing } = description;
  return createModel(description, parts, isOthers(preprocessing) ? othersFitting(preprocessing.resize!) : ownFitting);
};
