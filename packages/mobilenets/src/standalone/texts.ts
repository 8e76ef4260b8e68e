import type { Isa } from "../kernels/wat.ts";
import type { Description } from "./description.ts";

/** The parts of a built module. */
export interface ModuleParts {
  readonly description: Description;
  /** The script in `generated/` that defines the variable `runtime`. */
  readonly runtime: string;
}

/** File names of a split build. */
export interface SplitNames {
  readonly module: string;
  readonly kernels: Readonly<Partial<Record<Isa, string>>>;
  readonly weights: string;
}

const head = ({ description, runtime }: ModuleParts) => [
  `// ${oneLine(description.name)}, built by \`mobilenets build\`: classes and features of pictures. The .d.ts beside it has its types.`,
  runtime.trim(),
  `const description = ${literal(description)};`,
];

/** A network's name, made safe for a one-line comment. */
const oneLine = (text: string) => text.replaceAll(/[^\w .-]/g, " ").slice(0, 80);

/** A JavaScript literal, safe inside a page's script element too. */
const literal = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");

const exported = (hasClasses: boolean) => `{ ${hasClasses ? "classify, " : ""}embed, labels, preprocessing, load }`;

/** The text of a module that holds kernels and weights itself. */
export function oneModule(
  parts: ModuleParts,
  kernels: Readonly<Partial<Record<Isa, string>>>,
  weights: string,
): string {
  return [
    ...head(parts),
    `const kernels = ${literal(kernels)};`,
    "const model = runtime.create(description, runtime.inside(description, kernels, () => weights));",
    `export const ${exported(parts.description.classes !== null)} = model;`,
    `const weights = "${weights}";`,
    "",
  ].join("\n");
}

/** The text of a module that reads kernels and weights from files beside it, or takes them from the caller of `create`. */
export function splitModule(parts: ModuleParts, names: SplitNames): string {
  // The whole expression appears in the text, so that bundlers find the files.
  const address = (name: string) => `() => new URL(${literal(`./${name}`)}, import.meta.url)`;
  const kernels = Object.entries(names.kernels).map(([isa, name]) => `${isa}: ${address(name)}`);
  return [
    ...head(parts),
    "// Only where modules are files: bundlers for pages shall leave it alone.",
    'const nodeFiles = "node:fs/promises";',
    "const files = () => import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ nodeFiles);",
    `const kernels = { ${kernels.join(", ")} };`,
    "/** The model with parts that the caller has: a compiled WebAssembly.Module, and bytes. */",
    "export const create = (parts) => runtime.create(description, runtime.given(description, parts));",
    `const model = runtime.create(description, runtime.beside(description, kernels, ${address(names.weights)}, files));`,
    `export const ${exported(parts.description.classes !== null)} = model;`,
    "",
  ].join("\n");
}

/** The text of a module for hosts that import files and compile nothing at run time (Cloudflare Workers). */
export function workerModule({ module, kernels, weights }: SplitNames, hasClasses: boolean): string {
  return [
    "// For hosts that hand over files by import and compile nothing at run time: Cloudflare Workers, workerd.",
    `import kernels from ${literal(`./${kernels.simd}`)};`,
    `import weights from ${literal(`./${weights}`)};`,
    `import { create } from ${literal(`./${module}`)};`,
    "",
    `export const ${exported(hasClasses)} = create({ kernels, weights });`,
    "",
  ].join("\n");
}

/** The type declarations of a module, for programs with or without the DOM's types. */
export function declarations({ name, classes, embedding, preprocessing }: Description, isSplit: boolean): string {
  const { width, height } = preprocessing;
  const numbers = embedding.images * embedding.height * embedding.width * embedding.channels;
  return [
    `// Types of ${oneLine(name)}, built by \`mobilenets build\`.`,
    "",
    "/** The type of a global class, `never` where it is not declared. */",
    "type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : never;",
    "",
    "/** Samples 0..255, row by row from the top left, channels interleaved: 1 grey, 3 RGB, 4 RGBA; left out, as in an ImageData, 4. */",
    "export interface Pixels {",
    "  readonly data: Uint8Array | Uint8ClampedArray;",
    "  readonly width: number;",
    "  readonly height: number;",
    "  readonly channels?: 1 | 3 | 4;",
    "}",
    "",
    "/** Pixels in every host; the rest where pictures are decoded: in browsers. A string is an address. */",
    "export type Image =",
    "  | Pixels",
    "  | string",
    "  | Uint8Array",
    "  | ArrayBuffer",
    ...[
      "URL",
      "Blob",
      "HTMLImageElement",
      "HTMLVideoElement",
      "HTMLCanvasElement",
      "OffscreenCanvas",
      "ImageBitmap",
    ].map((global, i, all) => `  | Global<"${global}">${i === all.length - 1 ? ";" : ""}`),
    "",
    ...(classes ? classifyTypes : []),
    `/** Features: ${numbers} numbers for each picture. */`,
    "export declare function embed(image: Image): Promise<Float32Array>;",
    "export declare function embed(images: readonly Image[]): Promise<Float32Array[]>;",
    "",
    "/** Names of the classes; empty where none are known. */",
    "export declare const labels: readonly string[];",
    "",
    `/** How a picture becomes the input of ${width} x ${height} pixels. */`,
    "export declare const preprocessing: {",
    ...["height", "width", "cropFraction"].map((field) => `  readonly ${field}: number;`),
    "  readonly channels: 1 | 3;",
    "  readonly crop: string;",
    "  readonly resize?: string;",
    "  readonly mean: readonly number[];",
    "  readonly std: readonly number[];",
    "};",
    "",
    "/** Makes the network ready, so that the first picture does not wait for it. It need not be called. */",
    "export declare function load(): Promise<void>;",
    "",
    ...(isSplit ? createTypes(classes !== null) : []),
  ].join("\n");
}

const classifyTypes = [
  "/** A class of a picture's answer. */",
  "export interface Prediction {",
  "  /** Place in the classifier's output. */",
  "  readonly index: number;",
  "  readonly label: string;",
  "  /** The classifier's output: 0 to 1 after softmax or sigmoid, the logarithm of a probability after log_softmax. */",
  "  readonly probability: number;",
  "}",
  "",
  "/** The best classes, at most `topK` (default 5), best first. */",
  "export declare function classify(image: Image, options?: { readonly topK?: number }): Promise<Prediction[]>;",
  "export declare function classify(",
  "  images: readonly Image[],",
  "  options?: { readonly topK?: number },",
  "): Promise<Prediction[][]>;",
  "",
];

const createTypes = (hasClasses: boolean) => [
  "/**",
  " * The model with parts that the caller has, where a host gives them: the .wasm file as a compiled WebAssembly.Module,",
  " * and the bytes of the .bin file.",
  " */",
  "export declare function create(parts: { readonly kernels: object; readonly weights: ArrayBuffer | Uint8Array }): {",
  ...(hasClasses ? ["  readonly classify: typeof classify;"] : []),
  "  readonly embed: typeof embed;",
  "  readonly labels: typeof labels;",
  "  readonly preprocessing: typeof preprocessing;",
  "  readonly load: typeof load;",
  "};",
  "",
];

/** The type declarations of `workerModule`: those of the module, without `create`. */
export function workerDeclarations(module: string, hasClasses: boolean): string {
  const types = ["Image", "Pixels", ...(hasClasses ? ["Prediction"] : [])].map((name) => `type ${name}`);
  const values = [...(hasClasses ? ["classify"] : []), "embed", "labels", "load", "preprocessing"];
  return `export { ${[...types, ...values].join(", ")} } from ${literal(`./${module}`)};\n`;
}
