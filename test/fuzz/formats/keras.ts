import { zipSync } from "fflate";
import { type Hdf5Tree, writeHdf5 } from "../../../packages/mobilenets/src/weights/containers/hdf5/write.ts";
import { readKerasArchive } from "../../../packages/mobilenets/src/weights/keras/read-archive.ts";
import { readKerasH5 } from "../../../packages/mobilenets/src/weights/keras/read-h5.ts";
import { writeKerasLegacy, writeKerasStore } from "../../../packages/mobilenets/src/weights/keras/write.ts";
import { kerasArchive, tinyConfig, tinyStore, tinyWhole } from "../../support/keras-file.ts";
import { readByLibrary, writeByLibrary } from "../../support/libhdf5.ts";
import { closeTexts, jsonBytes, openTexts } from "../fields/json.ts";
import { changeFields, fieldsRead } from "../fields/recorded.ts";
import { isMembers, type Members, type Tree } from "../fields/tree.ts";
import { type Specimen, treeSpecimen } from "../specimen.ts";
import { resigned } from "../targets/keras-h5.ts";
import { countOf, DATE, golden, narrow, narrowOptions, resized } from "./models.ts";

const call = { network: "mobilenet_v1", options: narrowOptions };
const noCompanions = () => Promise.reject(new Error("no companions"));
const readH5 = async (file: Uint8Array) => readKerasH5(file, "model.h5", noCompanions);
const readArchive = async (file: Uint8Array) => readKerasArchive(file, "model.keras", noCompanions);

/** Specimens of `.keras`: fields of the config, of the weights' groups and arrays, and of the archive. */
export async function archiveSpecimens(): Promise<Specimen[]> {
  const config = tinyConfig() as Members;
  const store = tinyStore() as Members;
  const whole = kerasArchive(JSON.stringify(config), writeHdf5(tinyStore()));
  const packed = golden("keras/packed/deflated.keras");
  return [
    treeSpecimen({
      name: "config",
      tree: { config },
      write: (tree) => archive(jsonBytes(tree.config), writeHdf5(tinyStore())),
    }),
    treeSpecimen({
      name: "weights",
      tree: { config, store },
      mend: ({ store }) => mendTensors(store),
      write: (tree) => archive(jsonBytes(tree.config), writeHdf5(closeTexts(tree.store) as Hdf5Tree)),
    }),
    await binary("model.keras", "directory", whole, readArchive),
    await binary("model.keras", "packed directory", packed, readArchive),
  ];
}

function archive(config: Uint8Array, weights: Uint8Array) {
  const entries = { "metadata.json": Buffer.from("{}"), "config.json": config, "model.weights.h5": weights };
  return { model: "model.keras", files: { "model.keras": zipSync(entries, { level: 0, mtime: DATE }) } };
}

/** Specimens of HDF5 by content: whole models, and weights in both of Keras' formats. */
export async function h5Specimens(): Promise<Specimen[]> {
  const legacy = (await writeKerasLegacy(narrow("mobilenet_v1"))).bytes;
  const store = (await writeKerasStore(narrow("mobilenet_v1"))).bytes;
  const whole = tinyWhole();
  return [
    contents("whole", whole),
    contents("legacy", await readByLibrary(legacy), call),
    contents("store", await readByLibrary(store), call),
    await binary("model.h5", "ours", writeHdf5(whole), readH5),
    await binary("model.h5", "the library's, old", await writeByLibrary(whole, "old"), readH5),
    await binary("model.h5", "the library's, fixed", await writeByLibrary(whole, "old", true), readH5),
    await binary("model.h5", "the library's, new", await writeByLibrary(whole, "new"), readH5),
    await binary("model.h5", "packed", golden("keras/packed/gzip.h5"), readH5),
    await binary("model.weights.h5", "weights", await writeByLibrary(await readByLibrary(store), "old"), readH5, call),
  ];
}

function contents(name: string, tree: Hdf5Tree, extra: object = {}): Specimen {
  return treeSpecimen({
    name,
    tree: { root: openTexts(tree as Tree) },
    mend: ({ root }) => mendTensors(root),
    write: (changed) => ({
      model: "model.h5",
      files: { "model.h5": writeHdf5(closeTexts(changed.root) as Hdf5Tree) },
      ...extra,
    }),
  });
}

/** Resizes tensors to fit their shapes. */
function mendTensors(tree: Tree): void {
  if (!isMembers(tree)) return;
  for (const value of Object.values(tree)) mendTensors(value);
  const { tensor } = tree;
  if (!isMembers(tensor)) return;
  const count = countOf(tensor.shape);
  if (!Number.isSafeInteger(count) || count < 0 || count > 2 ** 18) return;
  tensor.data = new Float32Array(resized(tensor.data as Float32Array, 4 * count).buffer);
}

async function binary(
  model: string,
  name: string,
  file: Uint8Array,
  read: (file: Uint8Array) => Promise<unknown>,
  extra: object = {},
): Promise<Specimen> {
  const fields = await fieldsRead(file, (bytes) => read(bytes).catch(() => {}));
  return {
    name,
    make(rng) {
      if (!rng) return { model, files: { [model]: file }, changes: [], ...extra };
      const { bytes, changes } = changeFields(file, fields, rng);
      return { model, files: { [model]: resigned(bytes) }, changes, ...extra };
    },
  };
}
