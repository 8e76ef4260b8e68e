import assert from "node:assert/strict";
import { test } from "node:test";
import { readByLibrary } from "../../../../../../test/support/libhdf5.ts";
import { tensor } from "../../../tensor.ts";
import { type Hdf5Tree, writeHdf5 } from "./write.ts";

test("the C library reads what we write", async () => {
  const members = Array.from({ length: 300 }, (_, i): [string, Hdf5Tree] => [
    `layer_${i}`,
    {
      attributes: { weight_names: [`layer_${i}/kernel:0`, "b"], name: "größe" },
      members: {
        "kernel:0": {
          tensor: tensor(
            [2, i + 1],
            Float32Array.from({ length: 2 * i + 2 }, (_, j) => j - i),
          ),
        },
      },
    },
  ]);
  const tree: Hdf5Tree = {
    attributes: { layer_names: members.map(([name]) => name), backend: "tensorflow" },
    members: { ...Object.fromEntries(members), empty: { members: {} }, single: { tensor: tensor([], [0.5]) } },
  };
  const read = await readByLibrary(writeHdf5(tree));
  // The library lists members by name.
  const sorted = Object.entries(tree.members ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(read, { ...tree, members: Object.fromEntries(sorted) });
});

test("writes the same bytes of the same tree", () => {
  const tree = { attributes: { a: "b" }, members: { c: { tensor: tensor([3], [1, 2, 3]) } } };
  assert.deepEqual(writeHdf5(tree), writeHdf5(structuredClone(tree)));
});

test("refuses an attribute that is larger than HDF5 has room for", () => {
  assert.throws(() => writeHdf5({ attributes: { a: "x".repeat(70_000) } }), /an HDF5 header message of 70\d+ bytes/);
});
