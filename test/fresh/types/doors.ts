// Every door's types, so that the compiler reads all declarations.
import type * as weightsPackage from "@mobilenets/weights-imagenet";
import type * as mobilenets from "mobilenets";
import type * as ml5 from "mobilenets/compat/ml5";
import type * as teachableMachine from "mobilenets/compat/teachablemachine";
import type * as tfjsModels from "mobilenets/compat/tfjs-models";
import type * as graph from "mobilenets/graph";
import type * as labels from "mobilenets/labels";
import type * as standalone from "mobilenets/standalone";
import type * as store from "mobilenets/store";
import type * as train from "mobilenets/train";
import type * as weights from "mobilenets/weights";
import type * as worker from "mobilenets/worker";

export type Doors = [
  typeof weightsPackage,
  typeof mobilenets,
  typeof ml5,
  typeof teachableMachine,
  typeof tfjsModels,
  typeof graph,
  typeof labels,
  typeof standalone,
  typeof store,
  typeof train,
  typeof weights,
  typeof worker,
];
