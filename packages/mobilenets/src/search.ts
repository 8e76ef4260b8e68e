// mobilenets/search: exact nearest neighbours, from a stream or a table in memory, and files of vectors.
export type { ByteSource, Bytes } from "./search/byte-source.ts";
export { cosine } from "./search/cosine.ts";
export { type NearestOptions, nearest, type Vectors } from "./search/nearest.ts";
export { openNpy, readNpy } from "./search/npy.ts";
export type { NpyFile } from "./search/npy-file.ts";
export type { NpyDtype } from "./search/npy-header.ts";
export type { Neighbour } from "./search/top-heap.ts";
export {
  type TableSearchOptions,
  VectorTable,
  type VectorTableOptions,
  type VectorType,
} from "./search/vector-table.ts";
