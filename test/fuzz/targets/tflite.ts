import { readFileSync } from "node:fs";
import { signedPreprocessing } from "../../../packages/mobilenets/src/models/preprocessing.ts";
import { readTflite } from "../../../packages/mobilenets/src/weights/tflite/read.ts";
import { writeTflite } from "../../../packages/mobilenets/src/weights/tflite/write.ts";
import { smallProgram } from "../../support/small-program.ts";
import type { Target } from "../harness.ts";

/** A file of our own writer, and one of TensorFlow's converter. */
export async function target(): Promise<Target> {
  const preprocessing = signedPreprocessing(9, 8, 3);
  const { bytes } = await writeTflite({ program: smallProgram(), preprocessing, labels: ["a", "b"] });
  const converted = readFileSync(new URL("../../golden/tflite/v2-int8.tflite", import.meta.url));
  return {
    files: { small: bytes, "v2-int8": new Uint8Array(converted) },
    read: (file) => readTflite(file, "f.tflite"),
  };
}
