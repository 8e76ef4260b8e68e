import type { Isa } from "../wat.ts";
import { functions } from "./functions.ts";
import { logSoftmax } from "./log-softmax.ts";
import { normalize } from "./normalize.ts";
import { pool } from "./pool.ts";
import { resize } from "./resize.ts";

/** The functions of the kernels that only models from files call. */
export const importedFunctions = (isa: Isa) => [functions(isa), logSoftmax(), normalize(), pool(), resize()].join("\n");
