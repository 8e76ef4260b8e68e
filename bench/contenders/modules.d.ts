// Types of the parts of the peers that the benchmark uses, so that the workspace type-checks without the peers.

declare module "@litertjs/core" {
  export function loadLiteRt(path: string, options: { threads: boolean }): Promise<unknown>;
  export function loadAndCompile(
    model: Uint8Array,
    options: { accelerator: "wasm"; cpuOptions: { numThreads: number } },
  ): Promise<CompiledModel>;
  interface CompiledModel {
    readonly isFullyAccelerated: boolean;
    getInputDetails(): readonly { readonly shape: Int32Array }[];
    run(input: Tensor): Promise<Tensor[]>;
  }
  export class Tensor {
    constructor(data: Float32Array, shape: Int32Array);
    /** A copy. */
    data(): Promise<Float32Array | Int32Array | Uint8Array>;
    delete(): void;
  }
}

declare module "@tensorflow/tfjs-backend-wasm" {
  export function setWasmPaths(prefix: string): void;
  export function setThreadsCount(count: number): void;
  export function getThreadsCount(): number;
}

// `Runtime` in onnx.ts has its types.
declare module "onnxruntime-node";
declare module "onnxruntime-web";
declare module "onnxruntime-web/wasm";
