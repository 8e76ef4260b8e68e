/** A library that runs the benchmark's networks: one of `contenders/`, each in a separate process or browser. */
export interface Contender {
  open(task: Task): Promise<Session>;
}

export interface Task {
  readonly network: string;
  readonly threads: number;
  /** A file of this network, `model.safetensors`, `model.onnx`, ...: its path or URL, or its bytes. */
  source(file: string): string | Uint8Array;
  read(file: string): Promise<Uint8Array<ArrayBuffer>>;
}

export interface Session {
  /** The actual number of threads, if it differs from the requested one. */
  readonly threads?: number;
  /** Pictures per call. Default 1. */
  readonly batch?: number;
  /** Converts the NHWC picture for the contender, once and untimed. */
  prepare?(picture: Float32Array): Float32Array;
  /** One inference: copies the prepared input in and the output out. */
  run(input: Float32Array): Promise<Float32Array>;
}
