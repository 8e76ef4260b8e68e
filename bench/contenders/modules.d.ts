// The little of the peers' interfaces that the bench uses: the workspace type-checks without the peers installed.

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

// Typed by `Runtime` in onnx.ts.
declare module "onnxruntime-node";
declare module "onnxruntime-web";
declare module "onnxruntime-web/wasm";
