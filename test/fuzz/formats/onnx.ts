import { gunzipSync } from "node:zlib";
import { decode, encode, loadWire } from "../../../packages/mobilenets/src/weights/onnx/codec.ts";
import { DATA_TYPE, modelProto } from "../../../packages/mobilenets/src/weights/onnx/schema.ts";
import { writeOnnx } from "../../../packages/mobilenets/src/weights/onnx/write.ts";
import { closeTexts, openTexts } from "../fields/json.ts";
import { isMembers, type Members, type Tree } from "../fields/tree.ts";
import { type Specimen, treeSpecimen } from "../specimen.ts";
import { countOf, golden, narrow, resized, small } from "./models.ts";

/** Our own models with all forms of metadata, and one of an exporter. */
export async function specimens(): Promise<Specimen[]> {
  const kept = await writeOnnx(narrow("mobilenet_v3_small", { flavor: "timm" }), { keepBatchNorm: true });
  return Promise.all([
    specimen("small", (await writeOnnx(small())).bytes),
    specimen("folded", (await writeOnnx(narrow("mobilenet_v1"))).bytes),
    specimen("unnamed", (await writeOnnx({ ...narrow("mobilenet_v2"), network: undefined })).bytes),
    specimen("kept", kept.bytes),
    specimen("torch", Uint8Array.from(gunzipSync(golden("onnx/torch_v3_small_half.onnx.gz")))),
  ]);
}

/** Models with constants in files beside them. */
export async function externalSpecimens(): Promise<Specimen[]> {
  return Promise.all([
    specimen("external", (await writeOnnx(small())).bytes, "m.data"),
    specimen("external in a folder", (await writeOnnx(narrow("mobilenet_v1"))).bytes, "sub/m.data"),
  ]);
}

async function specimen(name: string, bytes: Uint8Array, location?: string): Promise<Specimen> {
  const wire = await loadWire("fuzz");
  const model = openTexts(decode(wire, modelProto, bytes) as Members);
  const tree: Members = { model };
  if (location !== undefined) moveOut(tree, location);
  return treeSpecimen({
    name,
    tree,
    typed: true,
    paths: ["location", "externalData"],
    mend,
    write(changed) {
      const file = encode(wire, modelProto, closeTexts(changed.model) as object);
      const beside = location === undefined ? {} : { [location]: changed.data as Uint8Array };
      return { model: "model.onnx", files: { "model.onnx": file, ...beside } };
    },
  });
}

const initializersOf = ({ model }: Members): Members[] => {
  const graph: Tree = isMembers(model) ? model.graph : null;
  const list: Tree = isMembers(graph) ? graph.initializer : null;
  return Array.isArray(list) ? list.filter(isMembers) : [];
};

function moveOut(tree: Members, location: string): void {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const tensor of initializersOf(tree)) {
    const raw = (tensor.rawData ?? new Uint8Array()) as Uint8Array;
    const place = { location, offset: String(at), length: String(raw.length) };
    delete tensor.rawData;
    tensor.dataLocation = 1;
    tensor.externalData = Object.entries(place).map(([key, value]) => ({ key, value }));
    parts.push(raw);
    at += raw.length;
  }
  tree.data = Uint8Array.from(Buffer.concat(parts));
}

const sizes = new Map<unknown, number>(
  Object.entries({ float: 4, uint8: 1, int8: 1, int32: 4, int64: 8, float16: 2, double: 8, bfloat16: 2 }).map(
    ([type, size]) => [DATA_TYPE[type as keyof typeof DATA_TYPE], size],
  ),
);

/** Resizes contents to fit dims and type. */
function mend(tree: Members): void {
  for (const tensor of initializersOf(tree)) {
    const length = countOf(tensor.dims) * (sizes.get(tensor.dataType) ?? Number.NaN);
    if (!(length >= 0 && length <= 2 ** 20) || !Number.isSafeInteger(length)) continue;
    if (ArrayBuffer.isView(tensor.rawData)) tensor.rawData = resized(tensor.rawData, length);
    for (const entry of Array.isArray(tensor.externalData) ? tensor.externalData : []) {
      if (isMembers(entry) && entry.key === "length") entry.value = String(length);
    }
  }
}
