import type { ModuleName } from "../kernels/kernel-table.ts";
import type { KernelName } from "../kernels/signatures.ts";
import type { Shape } from "../tensor.ts";
import type { Constant } from "./constants.ts";
import type { MapLayout } from "./layout.ts";

/**
 * A graph made ready for the WebAssembly engine: where everything lies in linear memory and which kernels run in which
 * order. Plain data: it prints, serialises, and is the same for one graph on every host.
 */
export interface Plan {
  readonly name: string;
  /** The module that has its kernels. */
  readonly module: ModuleName;
  /** Linear memory needed, in bytes. */
  readonly bytes: number;
  /** Where values that change from picture to picture begin; all below stays as it is once written. */
  readonly arenaAt: number;
  readonly threads: number;
  /** Where the step list is written. */
  readonly stepsAt: number;
  readonly steps: readonly Step[];
  /** Weights, packed as the kernels read them. */
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
  /** The graph node it computes (part of), for profiles and error texts. */
  readonly node: string;
  readonly kernel: KernelName;
  /** The number of shares that it is cut into for the threads; 1 where cutting costs more than it gains. */
  readonly chunks: number;
  /** Addresses resolved; in the order of the kernel's signature. */
  readonly args: Readonly<Record<string, number>>;
}
