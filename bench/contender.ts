/** Something that runs the bench's networks: one of `contenders/`, each in a process or browser of its own. */
export interface Contender {
  open(task: Task): Promise<Session>;
}

export interface Task {
  readonly network: string;
  readonly threads: number;
  /** A file made for this network, `model.safetensors`, `model.onnx`, ...: its path or URL, or what is in memory of it. */
  source(file: string): string | Uint8Array;
  read(file: string): Promise<Uint8Array<ArrayBuffer>>;
}

export interface Session {
  /** Threads it really runs on, where that is not what was asked for. */
  readonly threads?: number;
  /** Pictures per call. Default 1. */
  readonly batch?: number;
  /** The NHWC picture as the contender wants it; done once, not timed. */
  prepare?(picture: Float32Array): Float32Array;
  /** One inference: copies the prepared input in and the output out. */
  run(input: Float32Array): Promise<Float32Array>;
}
