import { Dataset, File, type FileOptions, Group, ready } from "h5wasm";
import { tensor } from "../../packages/mobilenets/src/tensor.ts";
import type { Hdf5Tree } from "../../packages/mobilenets/src/weights/containers/hdf5/write.ts";

/** The C library's file layouts: that of the oldest versions, which is h5py's default, and that of 1.8 and later. */
const ages: Record<"old" | "new", FileOptions["libver"]> = { old: ["earliest", "latest"], new: "v108" };

/**
 * Writes a tree with the HDF5 C library. Texts have any length and are in a heap, unless `fixed`.
 * @param add adds more to the file
 */
export async function writeByLibrary(
  tree: Hdf5Tree,
  age: "old" | "new",
  fixed = false,
  add: (file: File) => void = () => {},
): Promise<Uint8Array> {
  const { FS } = await ready;
  const path = "/written.h5";
  const file = new File(path, "w", { libver: ages[age] });
  fill(file, tree, fixed);
  add(file);
  file.close();
  const bytes = FS.readFile(path);
  FS.unlink(path);
  return bytes;
}

function fill(group: Group, { attributes = {}, members = {} }: Hdf5Tree, fixed: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const texts = typeof value === "string" ? [value] : [...value];
    const width = Math.max(1, ...texts.map((item) => new TextEncoder().encode(item).length));
    const shape = typeof value === "string" ? [] : [texts.length];
    group.create_attribute(name, typeof value === "string" ? value : texts, shape, fixed ? `S${width}` : "S");
  }
  for (const [name, member] of Object.entries(members)) {
    if (member.tensor) group.create_dataset({ name, data: member.tensor.data, shape: [...member.tensor.shape] });
    else fill(group.create_group(name), member, fixed);
  }
}

/** Reads a file with the C library. */
export async function readByLibrary(bytes: Uint8Array): Promise<Hdf5Tree> {
  const { FS } = await ready;
  const path = "/read.h5";
  FS.writeFile(path, bytes);
  const file = new File(path, "r");
  try {
    return treeOf(file);
  } finally {
    file.close();
    FS.unlink(path);
  }
}

function treeOf(entity: Group | Dataset): Hdf5Tree {
  const attributes = Object.fromEntries(
    Object.entries(entity.attrs).map(([name, { value }]) => [name, value as string | string[]]),
  );
  const named = Object.keys(attributes).length > 0 && { attributes };
  if (entity instanceof Dataset) {
    const value = entity.value as Float32Array | number;
    return { ...named, tensor: tensor(entity.shape ?? [], typeof value === "number" ? [value] : value) };
  }
  const members = Object.fromEntries(
    entity.keys().map((name) => {
      const member = entity.get(name);
      if (member instanceof Group || member instanceof Dataset) return [name, treeOf(member)];
      throw new Error(`${name} is neither group nor dataset`);
    }),
  );
  return { ...named, members };
}
