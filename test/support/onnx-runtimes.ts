import { createRequire } from "node:module";
import type { LoadRuntime } from "../../packages/mobilenets/src/engines/onnxruntime-executable.ts";

/** A package of ONNX Runtime that tests can run on. */
export interface OnnxRuntime {
  readonly name: string;
  readonly load: LoadRuntime;
  /** Why it cannot be had here; undefined where it can. */
  readonly absent?: string;
}

/** @param folder whose package.json asks for it, relative to this file */
function runtimeOf(name: string, folder: string): OnnxRuntime {
  const require = createRequire(new URL(`${folder}package.json`, import.meta.url));
  const load: LoadRuntime = async () => require(name);
  try {
    require.resolve(name);
    return { name, load };
  } catch {
    return { name, load, absent: `${name} is not installed beside ${folder}package.json` };
  }
}

/** WebAssembly from the workspace; native code, which is large, where the benchmarks have installed it. */
export const onnxRuntimes: readonly OnnxRuntime[] = [
  runtimeOf("onnxruntime-web", "../../"),
  runtimeOf("onnxruntime-node", "../../bench/"),
];
