import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { ARROW_SCHEMA_KEY, arrowSchema } from "./arrow-schema.ts";
import { columnsOf, type PartModel, type PartRow, schemaOf } from "./columns.ts";
import { writeVectors } from "./vector-column.ts";

/**
 * Encodes a part as a Parquet file. The same rows give the same bytes on every host.
 * @throws RangeError for no rows
 */
export function partBytes(rows: readonly PartRow[], model: PartModel): Uint8Array {
  if (rows.length === 0) throw new RangeError("a part has at least one row");
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: schemaOf(model),
    // The minimum and maximum of ids and hashes are of no use.
    statistics: false,
    kvMetadata: [{ key: ARROW_SCHEMA_KEY, value: arrowSchema(model) }],
    createdBy: "mobilenets",
  });
  const columnData = columnsOf(model).map(({ name, repeats, value }) => ({
    name,
    data: rows.map((row) => value(row, model)),
    encoding: repeats ? ("RLE_DICTIONARY" as const) : ("PLAIN" as const),
  }));
  file.write({ columnData, rowGroupSize: rows.length });
  const [group] = file.row_groups;
  const vectors = rows.map(({ embedding }) => embedding);
  const chunk = writeVectors(writer, vectors, model.dim, model.dtype);
  group.columns.push(chunk);
  const { total_compressed_size } = chunk.meta_data!;
  group.total_byte_size += total_compressed_size;
  group.total_compressed_size = group.total_compressed_size! + total_compressed_size;
  file.finish();
  return writer.getBytes();
}
