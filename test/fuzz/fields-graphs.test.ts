import { shortRun } from "./short-run.ts";

shortRun({ tfjs: 3, "tfjs-graph": 1, onnx: 5, "onnx-external": 2, tflite: 5 }, 100);
