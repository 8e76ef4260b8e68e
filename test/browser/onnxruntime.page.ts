/** What onnxruntime.test.ts calls in the page. */
import type { Engine } from "../../packages/mobilenets/src/engines/engine.ts";
import { onnxruntime } from "../../packages/mobilenets/src/engines/onnxruntime.ts";
import { wasm } from "../../packages/mobilenets/src/engines/wasm.ts";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import { randomInput, randomProgram } from "../support/random-program.ts";

/** What a small network makes of two pictures, on ONNX Runtime and on our own kernels. */
export async function logits(providers?: readonly string[]): Promise<Record<"theirs" | "ours", number[]>> {
  const options = { inputShape: [64, 64, 3], alpha: 0.25, classes: 10, classifierActivation: null } as const;
  const program = randomProgram(buildGraph("mobilenet_v3_small", options), 1);
  const input = randomInput(program.graph, 2, 2);
  const run = async (engine: Engine) => {
    const executable = await engine.compile(program);
    const [output] = await executable.run(input);
    executable.dispose();
    return Array.from(output.data);
  };
  return { theirs: await run(onnxruntime({ threads: 1, providers })), ours: await run(wasm({ threads: 1 })) };
}
