import type { ModuleName } from "../kernels/kernel-table.ts";
import type { KernelName } from "../kernels/signatures.ts";
import type { Shape } from "../tensor.ts";
import type { Constant } from "./constants.ts";
import type { MapLayout } from "./layout.ts";

/**
 * A graph compiled for the WebAssembly engine: addresses in linear memory, and kernel calls in order. Plain data: it
 * prints, serialises, and is the same for one graph on every host.
 */
export interface Plan {
  readonly name: string;
  /** The module with its kernels. */
  readonly module: ModuleName;
  /** Size of linear memory in bytes. */
  readonly bytes: number;
  /** Start of the values that change from picture to picture; everything below is written once. */
  readonly arenaAt: number;
  readonly threads: number;
  /** Address of the step list. */
  readonly stepsAt: number;
  readonly steps: readonly Step[];
  /** Weights, packed in the kernels' order. */
  readonly constants: readonly Placed<Constant>[];
  /** Values that keep their place from run to run, by name. */
  readonly residents: readonly Placed<MapLayout & { readonly name: string }>[];
  readonly input: Placed<MapLayout>;
  /** One per graph output, with its shape at batch size 1. */
  readonly outputs: readonly (Placed<MapLayout> & { readonly shape: Shape })[];
}

export type Placed<T> = T & { readonly at: number };

/** One kernel call. */
export interface Step {
  /** The graph node that it computes or is part of, for profiles and error messages. */
  readonly node: string;
  readonly kernel: KernelName;
  /** Number of chunks for the threads; 1 if more would cost more than they gain. */
  readonly chunks: number;
  /** Arguments in the order of the kernel's signature, with resolved addresses. */
  readonly args: Readonly<Record<string, number>>;
}
