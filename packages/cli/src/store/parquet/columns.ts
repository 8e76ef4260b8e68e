import type { SchemaElement } from "hyparquet";

/** Number format of a stored embedding. */
export type VectorDtype = "float32" | "float16";

export const vectorDtypes: readonly VectorDtype[] = ["float32", "float16"];

/** A picture of a part, with its vector or the error. */
export interface PartRow {
  /** Unique in the store. */
  readonly id: string;
  /** Source of the picture: a path, a URL, or an archive and a name in it. */
  readonly path: string;
  /** Hash of the file, hexadecimal. Undefined if the file could not be read. */
  readonly sha256?: string;
  /** In pixels, upright. */
  readonly width?: number;
  readonly height?: number;
  readonly error?: string;
  /** Best classes, if requested. */
  readonly labels?: readonly string[];
  /** Probabilities of `labels`. */
  readonly scores?: readonly number[];
  /** The engine that computed the vector, and its instruction set, such as `wasm-relaxed`. */
  readonly engine: string;
  readonly embedding?: Float32Array;
}

/** Values that all rows of a part share. */
export interface PartModel {
  readonly network: string;
  /** Hash of the graph and its weights, hexadecimal. */
  readonly weights: string;
  /** As JSON. */
  readonly preprocessing: string;
  readonly dtype: VectorDtype;
  /** Numbers of an embedding. */
  readonly dim: number;
  /** True if there are columns of labels. */
  readonly labels: boolean;
}

export const EMBEDDING = "embedding";

type Kind = "string" | "integer" | "strings" | "numbers";

/** A column other than the embedding. */
export interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly required: boolean;
  /** The column has few different values, and stores each once. */
  readonly repeats?: true;
  readonly value: (row: PartRow, model: PartModel) => unknown;
}

const column = (
  name: string,
  kind: Kind,
  value: Column["value"],
  more: Partial<Pick<Column, "required" | "repeats">> = {},
): Column => ({ name, kind, value, required: false, ...more });

const repeated = { required: true, repeats: true } as const;

/** Columns in the order of the file, without the embedding, which comes last. */
export function columnsOf({ labels }: Pick<PartModel, "labels">): readonly Column[] {
  return [
    column("id", "string", (row) => row.id, { required: true }),
    column("path", "string", (row) => row.path, { required: true }),
    column("sha256", "string", (row) => row.sha256),
    column("width", "integer", (row) => row.width),
    column("height", "integer", (row) => row.height),
    column("error", "string", (row) => row.error),
    column("network", "string", (_, model) => model.network, repeated),
    column("weights", "string", (_, model) => model.weights, repeated),
    column("preprocessing", "string", (_, model) => model.preprocessing, repeated),
    column("engine", "string", (row) => row.engine, repeated),
    ...(labels
      ? [column("labels", "strings", (row) => row.labels), column("scores", "numbers", (row) => row.scores)]
      : []),
  ];
}

const utf8 = { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } } as const;

const elements: Record<Kind, Omit<SchemaElement, "name">> = {
  string: utf8,
  integer: { type: "INT32" },
  strings: utf8,
  numbers: { type: "FLOAT" },
};

/** The Parquet schema of a part. A list has three levels, as in `embedding.list.element`. */
export function schemaOf(model: Pick<PartModel, "labels" | "dtype">): SchemaElement[] {
  const columns = columnsOf(model);
  return [
    { name: "schema", num_children: columns.length + 1 },
    ...columns.flatMap(({ name, kind, required }): SchemaElement[] =>
      kind === "strings" || kind === "numbers"
        ? list(name, elements[kind])
        : [{ name, ...elements[kind], repetition_type: required ? "REQUIRED" : "OPTIONAL" }],
    ),
    ...list(EMBEDDING, vectorElement(model.dtype)),
  ];
}

/** A float16 is two bytes with a logical type. */
function vectorElement(dtype: VectorDtype): Omit<SchemaElement, "name"> {
  return dtype === "float32"
    ? { type: "FLOAT" }
    : { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } };
}

function list(name: string, element: Omit<SchemaElement, "name">): SchemaElement[] {
  return [
    { name, num_children: 1, repetition_type: "OPTIONAL", converted_type: "LIST", logical_type: { type: "LIST" } },
    { name: "list", num_children: 1, repetition_type: "REPEATED" },
    { name: "element", ...element, repetition_type: "REQUIRED" },
  ];
}
