import { type FileHandle, open } from "node:fs/promises";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { ReadError } from "mobilenets";
import { printable } from "../../printable.ts";
import { EMBEDDING } from "./columns.ts";
import { locateVectors, readVectors, type VectorPlace } from "./vector-column.ts";

/** A Parquet file with embeddings, open for reading. */
export class PartFile {
  readonly path: string;
  readonly rows: number;
  readonly #handle: FileHandle;
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;

  private constructor(path: string, handle: FileHandle, file: AsyncBuffer, metadata: FileMetaData) {
    this.path = path;
    this.rows = Number(metadata.num_rows);
    this.#handle = handle;
    this.#file = file;
    this.#metadata = metadata;
  }

  /** @throws ReadError if the file is no Parquet file, or has no embeddings */
  static async open(path: string): Promise<PartFile> {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const file = { byteLength: size, slice: (start: number, end = size) => slice(handle, start, end) };
      const metadata = await parquetMetadataAsync(file).catch((cause: Error) => {
        throw damaged(path, cause);
      });
      if (!metadata.schema.some(({ name }) => name === EMBEDDING)) {
        const found = `a Parquet file without a column "${EMBEDDING}"`;
        throw new ReadError({ where: printable(path), found, expected: "a part that `extract` wrote" });
      }
      return new PartFile(path, handle, file, metadata);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Reads columns as one object per row. Missing columns are left out. */
  async read<T>(names: readonly string[]): Promise<T[]> {
    const { schema } = this.#metadata;
    const columns = names.filter((wanted) => schema.some(({ name }) => name === wanted));
    try {
      const rows = await parquetReadObjects({ file: this.#file, metadata: this.#metadata, columns });
      return rows as T[];
    } catch (cause) {
      throw damaged(this.path, cause as Error);
    }
  }

  /**
   * Reads the embeddings of all rows that have one, one after the other.
   * @throws ReadError unless there are `count`, of `dim` numbers each
   */
  async vectors(dim: number, count: number): Promise<Float32Array> {
    const all = await this.allVectors();
    if (all.length === dim * count) return all;
    throw new ReadError({
      where: printable(this.path),
      found: `${all.length} numbers in its embeddings`,
      expected: `${count} embeddings of ${dim}`,
      hint: "is it of another network than the other parts?",
    });
  }

  /** Like `vectors`, but does not check the count. */
  async allVectors(): Promise<Float32Array> {
    const places = await this.#locate();
    if (!places) return this.#vectorsOfOthers();
    const all: Float32Array[] = [];
    for (const place of places) all.push(await readVectors(this.#file, place));
    const [first] = all;
    return all.length === 1 ? first : concat(all);
  }

  /**
   * Reads one vector without the others.
   * @param place among the rows that have a vector
   * @returns undefined for a file that another program wrote, which must be read whole
   */
  async vector(place: number, dim: number): Promise<Float32Array | undefined> {
    const places = await this.#locate();
    return places?.length === 1 ? readVectors(this.#file, places[0], place * dim, dim) : undefined;
  }

  #located: Promise<VectorPlace[] | undefined> | undefined;

  /** One place per row group. Undefined if one has another layout than ours. */
  #locate(): Promise<VectorPlace[] | undefined> {
    this.#located ??= (async () => {
      const places: VectorPlace[] = [];
      for (const { columns } of this.#metadata.row_groups) {
        const meta = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === EMBEDDING)?.meta_data;
        const place = meta && (await locateVectors(this.#file, meta));
        if (!place) return undefined;
        places.push(place);
      }
      return places;
    })();
    return this.#located;
  }

  /** Reads the vectors of a file that another program wrote. */
  async #vectorsOfOthers(): Promise<Float32Array> {
    const rows = await this.read<{ embedding?: ArrayLike<number> | null }>([EMBEDDING]);
    return concat(rows.flatMap(({ embedding }) => (embedding ? [Float32Array.from(embedding)] : [])));
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function slice(handle: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.buffer;
}

function damaged(path: string, cause: Error): ReadError {
  const hint = "delete it: `extract` writes it anew";
  return new ReadError({ where: printable(path), found: `no whole Parquet file (${cause.message})`, hint }, { cause });
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
