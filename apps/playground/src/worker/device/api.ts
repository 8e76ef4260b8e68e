/** How the host multiplies 8-bit integers and adds the products in one operation. */
export type DotProduct =
  /** It does not have the operation. */
  | "none"
  /** Signed by signed, exact: ARM's SDOT, AVX-VNNI-INT8. */
  | "signed"
  /** Signed by unsigned, exact: AVX-VNNI. */
  | "unsigned"
  /** By steps through 16 bits, which overflow. */
  | "saturating";

/** What the host has for the engine. */
export interface DeviceFacts {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  readonly dotProduct: DotProduct;
  /** Whether the page may share memory between threads. */
  readonly isolated: boolean;
  /** The processor's threads, as the browser tells, and how many the engine takes. */
  readonly processors: number;
  readonly threads: number;
  /** How many times as fast arithmetic is that could be done 256 bits at a time; 1 where it is not. */
  readonly widening: number;
}

export interface NetworkTime {
  readonly network: string;
  readonly threads: number;
  /** For one picture: the median of `runs`. */
  readonly milliseconds: number;
  readonly runs: number;
}
