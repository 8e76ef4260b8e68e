import { writeTimm } from "../../../packages/mobilenets/src/weights/pytorch/write.ts";
import { DTYPES } from "../../../packages/mobilenets/src/weights/safetensors/dtype.ts";
import { writeModelFile } from "../../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { writeSafetensors } from "../../../packages/mobilenets/src/weights/safetensors/safetensors.ts";
import { timmState } from "../../support/torch-file.ts";
import { jsonBytes, openTexts } from "../fields/json.ts";
import { isMembers, type Members, type Tree } from "../fields/tree.ts";
import { type Specimen, treeSpecimen } from "../specimen.ts";
import { golden, narrow, narrowOptions, resized, small } from "./models.ts";

/** Our own files, of a network by name and of a whole graph; and the safetensors library's, of every dtype. */
export function specimens(): Specimen[] {
  const graph = writeModelFile(small());
  return [
    specimen("graph", graph),
    specimen("graph again", graph),
    specimen("named", writeModelFile(narrow("mobilenet_v1"))),
    specimen("V3", writeModelFile(narrow("mobilenet_v3_small"))),
    specimen("native", golden("safetensors/native.safetensors")),
    specimen("half", golden("safetensors/half.safetensors")),
  ];
}

/** Files with PyTorch's names: our own, and one of timm with its `config.json`. */
export function torchSpecimens(): Specimen[] {
  const options = { ...narrowOptions, flavor: "timm" } as const;
  const { bytes } = writeTimm(narrow("mobilenet_v1", options));
  const theirs = writeSafetensors(Object.fromEntries(timmState("mobilenet_v1", options)));
  const config = {
    architecture: "mobilenetv1_100",
    label_names: ["cat", "dog"],
    model_args: { in_chans: 3, pad_type: "same" },
    pretrained_cfg: { input_size: [3, 32, 32], crop_pct: 0.9, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  };
  return [specimen("ours", bytes), specimen("theirs", theirs, { network: "mobilenet_v1", options }, config)];
}

function specimen(name: string, bytes: Uint8Array, call: object = {}, config?: Tree): Specimen {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = openTexts(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Tree);
  return treeSpecimen({
    name,
    tree: { length, header, data: bytes.slice(8 + length), ...(config !== undefined && { config }) },
    mend,
    write(tree) {
      const model = "model.safetensors";
      const files: Record<string, Uint8Array> = { [model]: write(tree, length) };
      if (config !== undefined) files["config.json"] = jsonBytes(tree.config);
      return { model, files, ...call };
    },
  });
}

/** @param original the original length of the header; any other is a deliberate change */
function write({ length, header, data }: Members, original: number): Uint8Array {
  const json = jsonBytes(header);
  const padded = new Uint8Array(Math.ceil((8 + json.length) / 8) * 8 - 8).fill(0x20);
  padded.set(json);
  const given = typeof length === "number" && Number.isFinite(length) ? Math.trunc(length) : 0;
  const first = new Uint8Array(BigUint64Array.of(BigInt(length === original ? padded.length : given)).buffer);
  return Uint8Array.from(Buffer.concat([first, padded, data as Uint8Array]));
}

/** Recomputes offsets from the shapes. */
function mend(tree: Members): void {
  if (!isMembers(tree.header) || !ArrayBuffer.isView(tree.data)) return;
  let at = 0;
  for (const [name, entry] of Object.entries(tree.header)) {
    if (name === "__metadata__" || !isMembers(entry) || !Array.isArray(entry.shape)) continue;
    const size = DTYPES.get(String(entry.dtype))?.bytes;
    const count = entry.shape.reduce<number>((product, n) => product * Number(n), 1);
    if (!size || !Number.isSafeInteger(count) || count < 0 || count > 2 ** 20) continue;
    entry.data_offsets = [at, at + count * size];
    at += count * size;
  }
  tree.data = resized(tree.data, at);
}
