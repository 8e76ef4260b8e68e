import { writeTfjsLayers } from "../../../packages/mobilenets/src/weights/tfjs/write.ts";
import { jsonBytes, openTexts } from "../fields/json.ts";
import { isMembers, type Members, type Tree } from "../fields/tree.ts";
import { type Specimen, treeSpecimen } from "../specimen.ts";
import { countOf, golden, narrow, resized, small } from "./models.ts";

const parse = (bytes: Uint8Array) => openTexts(JSON.parse(new TextDecoder().decode(bytes)) as Members);

/** Layers models of a graph and of a network; the first has a quantised weight and two shards. */
export async function specimens(): Promise<Specimen[]> {
  const model = await writeTfjsLayers(small());
  const quantised = parse(model.bytes);
  const [group] = quantised.weightsManifest as Members[];
  const [weight] = group.weights as Members[];
  weight.quantization = { dtype: "uint8", scale: 0.01, min: -1 };
  group.paths = ["a.bin", "sub/b.bin"];
  const network = await writeTfjsLayers(narrow("mobilenet_v2"));
  const layers = parse(network.bytes);
  return [
    specimen("layers", quantised, join(model.companions), {}),
    specimen("layers again", quantised, join(model.companions), {}),
    specimen("network", layers, join(network.companions), {}),
  ];
}

/** Graph models of TensorFlow's converter. */
export function graphSpecimens(): Specimen[] {
  const data = golden("tfjs/v1-float32/group1-shard1of1.bin");
  return [specimen("graph", parse(golden("tfjs/v1-float32/model.json")), data, {})];
}

const join = (companions: Readonly<Record<string, Uint8Array>> = {}) =>
  Uint8Array.from(Buffer.concat(Object.values(companions)));

function specimen(name: string, json: Members, data: Uint8Array, call: object): Specimen {
  const tree: Members = { json, data };
  mend(tree);
  return treeSpecimen({
    name,
    tree,
    paths: ["paths"],
    mend,
    write(tree) {
      const shards = shardsOf(tree);
      return { model: "model.json", files: { "model.json": jsonBytes(tree.json), ...shards }, ...call };
    },
  });
}

const sizes: Readonly<Record<string, number>> = { float32: 4, int32: 4, uint8: 1, uint16: 2, float16: 2 };

function bytesOf({ weights }: Members): number {
  if (!Array.isArray(weights)) return Number.NaN;
  return weights.reduce<number>((sum, weight) => {
    if (!isMembers(weight)) return Number.NaN;
    const { shape, dtype, quantization } = weight;
    const stored = isMembers(quantization) ? quantization.dtype : dtype;
    return sum + countOf(shape) * (sizes[String(stored)] ?? Number.NaN);
  }, 0);
}

function groupsOf({ json }: Members): Members[] {
  const manifest: Tree = isMembers(json) ? json.weightsManifest : null;
  return Array.isArray(manifest) ? manifest.filter(isMembers) : [];
}

/** Resizes the data to fit the weights. */
function mend(tree: Members): void {
  const total = groupsOf(tree).reduce((sum, group) => sum + bytesOf(group), 0);
  if (total >= 0 && total <= 2 ** 22) tree.data = resized(tree.data as Uint8Array, total);
}

/** Splits the data among the shards of each group that can be beside the file, so not in new folders. */
function shardsOf(tree: Members): Record<string, Uint8Array> {
  const shards: Record<string, Uint8Array> = {};
  const data = ArrayBuffer.isView(tree.data) ? (tree.data as Uint8Array) : new Uint8Array();
  let at = 0;
  const groups = groupsOf(tree);
  groups.forEach((group, g) => {
    const paths = Array.isArray(group.paths) ? group.paths : [];
    const isLast = g === groups.length - 1;
    const end = isLast ? data.length : Math.min(data.length, at + (bytesOf(group) || 0));
    paths.forEach((path, i) => {
      const left = end - at;
      const length = i === paths.length - 1 ? left : Math.floor(left / 2);
      if (typeof path === "string" && /^(sub\/)?[\w-]{1,80}\.bin$/.test(path) && path !== "link-out.bin") {
        shards[path] = data.subarray(at, at + length);
      }
      at += length;
    });
  });
  return shards;
}
