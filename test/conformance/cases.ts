import type { Case } from "./case.ts";
import { convolutions } from "./cases/convolutions.ts";
import { imported } from "./cases/imported.ts";
import { layers } from "./cases/layers.ts";
import { neighbours } from "./cases/neighbours.ts";
import { networks } from "./cases/networks.ts";
import { pairs } from "./cases/pairs.ts";
import { training } from "./cases/training.ts";

/** The one list that all engines run: each layer by itself, each after each other, in small graphs, whole networks. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  convolutions,
  layers,
  imported,
  pairs,
  neighbours,
  networks,
  training,
};
