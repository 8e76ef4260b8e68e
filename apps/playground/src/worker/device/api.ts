/** The host's operation that multiplies 8-bit integers and adds the products. */
export type DotProduct =
  /** The host lacks the operation. */
  | "none"
  /** Signed by signed, exact: ARM's SDOT, AVX-VNNI-INT8. */
  | "signed"
  /** Signed by unsigned, exact: AVX-VNNI. */
  | "unsigned"
  /** In steps of 16 bits, which overflow. */
  | "saturating";

/** The host's properties for the engine. */
export interface DeviceFacts {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  readonly dotProduct: DotProduct;
  /** Whether the page may share memory between threads. */
  readonly isolated: boolean;
  /** The processor's threads by the browser, and the number that the engine uses. */
  readonly processors: number;
  readonly threads: number;
  /** Speed-up of arithmetic that can be widened to 256 bits; 1 without widening. */
  readonly widening: number;
}

export interface NetworkTime {
  readonly network: string;
  readonly threads: number;
  /** Time per picture: the median of `runs`. */
  readonly milliseconds: number;
  readonly runs: number;
}
