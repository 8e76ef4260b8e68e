import { readTflite } from "../../../packages/mobilenets/src/weights/tflite/read.ts";
import { TYPE } from "../../../packages/mobilenets/src/weights/tflite/schema.ts";
import { writeTflite } from "../../../packages/mobilenets/src/weights/tflite/write.ts";
import { changeFields, fieldsRead } from "../fields/recorded.ts";
import { isMembers, type Members, type Tree } from "../fields/tree.ts";
import { type Specimen, treeSpecimen } from "../specimen.ts";
import { readTables, writeTables } from "./flatbuffer-tree.ts";
import { countOf, golden, narrow, resized, small } from "./models.ts";

const model = "model.tflite";

/** Specimens by tables and by numbers in the file: our own, and an 8-bit file of TensorFlow's converter. */
export async function specimens(): Promise<Specimen[]> {
  const ours = (await writeTflite(small())).bytes;
  const network = (await writeTflite(narrow("mobilenet_v1"))).bytes;
  const converted = golden("tflite/v2-int8.tflite");
  return [
    tables("small", ours),
    tables("network", network),
    tables("int8", converted),
    await binary("small's bytes", ours),
    await binary("int8's bytes", converted),
  ];
}

function tables(name: string, bytes: Uint8Array): Specimen {
  return treeSpecimen({
    name,
    tree: readTables(bytes),
    typed: true,
    mend,
    write: (tree) => ({ model, files: { [model]: writeTables(tree) } }),
  });
}

async function binary(name: string, bytes: Uint8Array): Promise<Specimen> {
  const fields = await fieldsRead(bytes, (file) => readTflite(file, model));
  return {
    name,
    make(rng) {
      if (!rng) return { model, files: { [model]: bytes }, changes: [] };
      const changed = changeFields(bytes, fields, rng);
      return { model, files: { [model]: changed.bytes }, changes: changed.changes };
    },
  };
}

const sizes = new Map<Tree, number>(
  Object.entries({ float32: 4, float16: 2, int32: 4, uint8: 1, int64: 8, int16: 2, int8: 1 }).map(([type, size]) => [
    TYPE[type as keyof typeof TYPE],
    size,
  ]),
);

/** Resizes buffers to fit their tensors' shapes and types, and several scales to fit the channels. */
function mend({ subgraphs, buffers }: Members): void {
  const subgraph = Array.isArray(subgraphs) ? subgraphs[0] : undefined;
  if (!isMembers(subgraph) || !Array.isArray(subgraph.tensors) || !Array.isArray(buffers)) return;
  for (const tensor of subgraph.tensors) {
    if (!isMembers(tensor)) continue;
    const buffer = buffers[(tensor.buffer as number) ?? 0];
    const length = countOf(tensor.shape) * (sizes.get(tensor.type ?? 0) ?? Number.NaN);
    if (!isMembers(buffer) || !ArrayBuffer.isView(buffer.data)) continue;
    if (Number.isSafeInteger(length) && length > 0 && length <= 2 ** 20) buffer.data = resized(buffer.data, length);
  }
}
