// The run time of files whose pictures are resized as one of Python's libraries does it.
import { othersFitting } from "../../image/others-fitting.ts";
import type { Resize } from "../../image/preprocessing.ts";
import type { Description } from "../description.ts";
import { createModel, type Parts } from "./model.ts";

export { beside, given, inside } from "./parts.ts";

export const create = (description: Description, parts: Parts) =>
  createModel(description, parts, othersFitting(description.preprocessing.resize as Resize));
