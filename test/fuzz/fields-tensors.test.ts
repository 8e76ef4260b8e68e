// Half of the formats; the others are in fields-graphs.test.ts, so that both halves run in parallel.
import { shortRun } from "./short-run.ts";

shortRun(
  { safetensors: 4, "torch-safetensors": 2, pytorch: 3, "torch-legacy": 2, "keras-archive": 4, "keras-h5": 9 },
  100,
);
