import { type ArgumentType, type KernelName, signatures, wideTwin } from "./signatures.ts";

/** The modules that `npm run build` assembles, each for both instruction sets: a Plan names the one it needs. */
export type ModuleName = "core" | "training";

export type Field = readonly [name: string, type: ArgumentType];

export type Signatures = Readonly<Record<string, Readonly<Record<string, ArgumentType>>>>;

/** The kernels of a module. Steps call a kernel by its number, its index in the module's list of signatures. */
export class KernelTable {
  readonly module: ModuleName;
  readonly #kernels: ReadonlyMap<string, { readonly number: number; readonly fields: readonly Field[] }>;

  constructor(module: ModuleName, signaturesInOrder: Signatures) {
    this.module = module;
    this.#kernels = new Map(
      Object.entries(signaturesInOrder).map(([name, fields], number) => [
        name,
        { number, fields: Object.entries(fields) },
      ]),
    );
  }

  get names(): readonly string[] {
    return [...this.#kernels.keys()];
  }

  has(kernel: KernelName): boolean {
    return this.#kernels.has(kernel);
  }

  /**
   * A kernel's number in the module's table of functions.
   * @param bits 256 for the number of its twin with wide tiles, if it has one
   */
  numberOf(kernel: KernelName, bits: 128 | 256 = 128): number {
    const twin = bits === 256 ? this.#kernels.get(wideTwin(kernel)) : undefined;
    return (twin ?? this.#kernel(kernel)).number;
  }

  /** A kernel's arguments in the order of a step record. */
  fieldsOf(kernel: KernelName): readonly Field[] {
    return this.#kernel(kernel).fields;
  }

  #kernel(name: KernelName) {
    const kernel = this.#kernels.get(name);
    if (kernel) return kernel;
    throw new Error(`module ${this.module} has no kernel ${name}`);
  }
}

/** The kernels of inference, which every module has first. */
export const coreKernels: KernelTable = /* @__PURE__ */ new KernelTable("core", signatures);
