import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nearest, type VectorType } from "mobilenets/search";
import { partBytes } from "../store/parquet/write-part.ts";
import { allowedRows } from "./allowed.ts";
import { exactSearch, resident, streamed } from "./exact.ts";
import { parseQueries } from "./query.ts";
import { openVectors } from "./vectors.ts";

const dir = await mkdtemp(join(tmpdir(), "mobilenets-search-"));
after(() => rm(dir, { recursive: true }));

const dim = 24;
const rows = 90;
const data = Float32Array.from({ length: rows * dim }, (_, i) => Math.sin(i * i + 1) + 0.3);
const vector = (row: number) => data.slice(row * dim, (row + 1) * dim);

test("Parquet parts: the neighbours of nearest(), from all parts and among those that --where names", async () => {
  const model = {
    network: "mobilenet_v2",
    weights: "abc",
    preprocessing: "",
    dtype: "float32",
    dim,
    labels: true,
  } as const;
  await mkdir(join(dir, "parts"));
  for (let from = 0; from < rows; from += 30) {
    const part = Array.from({ length: 30 }, (_, i) => {
      const name = `${String(from + i).padStart(3, "0")}.jpg`;
      const labels = [i % 2 ? "owl" : "cat", "bird"];
      return {
        id: name,
        path: name,
        sha256: "0",
        width: from + i,
        height: 1,
        labels,
        scores: [0.6, 0.4],
        embedding: vector(from + i),
        engine: "wasm-simd",
      };
    });
    await writeFile(join(dir, "parts", `${from}.parquet`), partBytes(part, model));
  }
  const folder = await openVectors(dir);
  const queries = await parseQueries(["row:40", "070.jpg"], folder, {});
  const allowed = await allowedRows(folder, ["labels=owl", "width>=30"]);
  for (const precision of ["float32", "float16", "int8"] as VectorType[]) {
    for (const [where, fits] of [
      [undefined, () => true],
      [allowed, (row: number) => row % 2 === 1 && row >= 30],
    ] as const) {
      const places = Array.from({ length: rows }, (_, i) => i).filter(fits);
      const expected = await nearest([vector(40), vector(70)], places.map(vector), { k: 5 });
      const wanted = expected.map((list) => list.map((one) => ({ ...one, index: places[one.index] })));
      const asked = queries.map((query) => ("error" in query ? assert.fail(query.path) : query));
      for (const scan of [
        streamed(folder, precision, { allowed: where }),
        await resident(folder, precision, { allowed: where }),
      ]) {
        assert.deepEqual(await exactSearch(asked, folder, { top: 5, precision }, scan), wanted, precision);
      }
    }
  }
  await folder.close();
});
