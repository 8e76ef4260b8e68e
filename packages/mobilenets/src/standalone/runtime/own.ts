// The run time of files whose pictures are resized as ours are; `others.ts` has Python's ways too.
import { ownFitting } from "../../image/fitting.ts";
import type { Description } from "../description.ts";
import { createModel, type Parts } from "./model.ts";

export { beside, given, inside } from "./parts.ts";

export const create = (description: Description, parts: Parts) => createModel(description, parts, ownFitting);
