import { createRequire } from "node:module";
import type { LoadRuntime } from "../../packages/mobilenets/src/engines/onnxruntime-executable.ts";

/** A package of ONNX Runtime for tests. */
export interface OnnxRuntime {
  readonly name: string;
  readonly load: LoadRuntime;
  /** The reason that it is missing; undefined if it is installed. */
  readonly absent?: string;
}

/** @param folder the folder whose package.json requires it, relative to this file */
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

/** WebAssembly from the workspace, and native code, which is large, if the benchmarks have installed it. */
export const onnxRuntimes: readonly OnnxRuntime[] = [
  runtimeOf("onnxruntime-web", "../../"),
  runtimeOf("onnxruntime-node", "../../bench/"),
];
