// Programs of others read our parts, and pictures come from an object store that nobody here wrote.
// `npm run test:consumers` installs them (600 MB) and runs this; Python's reader runs where PYARROW names a Python that has it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openStore } from "../../packages/cli/src/store/read-store.ts";
import { temporaryFolder } from "../cli/folder.ts";
import { vectorsOf } from "../cli/parts.ts";
import { writeMany } from "../cli/pictures.ts";
import { mobilenets, tiny } from "../cli/run.ts";

const { resolve } = createRequire(new URL("package.json", import.meta.url));
const peer = (name: string) => import(resolve(name));
const root = await temporaryFolder();
const photos = join(root, "photos");
await writeMany(photos, 60);
const flags = ["--format", "parquet", "--chunk-size", "20", "--top-k", "2", "--quiet", ...tiny];

const dtypes = ["float32", "float16"] as const;
const vectors: Record<string, Record<string, Float32Array>> = {};
// Before the first test: the folder goes with the last.
for (const dtype of dtypes) {
  const dir = join(root, dtype);
  const made = await mobilenets(["extract", photos, "--out", dir, "--dtype", dtype, ...flags]);
  assert.equal(made.code, 0, made.stderr);
  vectors[dtype] = await vectorsOf(dir);
}

for (const dtype of dtypes) {
  const dir = join(root, dtype);
  const ours = vectors[dtype];

  test(`DuckDB reads all of it, ${dtype}`, async () => {
    const { DuckDBInstance } = await peer("@duckdb/node-api");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const parts = `'${dir}/parts/*.parquet'`;
    const query = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
    const rows = await query(`SELECT id, embedding::FLOAT[256] AS embedding, labels FROM ${parts} WHERE error IS NULL`);
    assert.equal(rows.length, Object.keys(ours).length);
    for (const { id, embedding, labels } of rows) {
      assert.deepEqual([...embedding.items], [...ours[id]], id);
      assert.equal(labels.items.length, 2);
    }
    const sum = `SELECT count(*) AS n, count(error) AS failed, count(DISTINCT id) AS ids, min(network) AS network,
      min(engine) AS engine, min(json_valid(preprocessing)) AS json FROM ${parts}`;
    const [{ engine, ...counts }] = await query(sum);
    assert.deepEqual(counts, { n: 60n, failed: 6n, ids: 60n, network: "mobilenet_v1", json: true });
    assert.match(engine, /^wasm-(simd|relaxed)$/);
    const [a] = Object.keys(ours);
    const nearest = `SELECT id FROM ${parts} WHERE error IS NULL ORDER BY array_distance(embedding::FLOAT[256],
      (SELECT embedding::FLOAT[256] FROM ${parts} WHERE id = '${a}')) LIMIT 1`;
    // Several pictures may have the same few bits.
    const [best] = await query(nearest);
    assert.deepEqual(ours[best.id], ours[a]);
    connection.closeSync();
  });

  test(`what DuckDB writes anew is a store, ${dtype}`, async () => {
    const { DuckDBInstance } = await peer("@duckdb/node-api");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const file = join(root, `${dtype}-anew.parquet`);
    // Reading of other codecs than snappy is not ours.
    await connection.run(
      `COPY (SELECT * FROM '${dir}/parts/*.parquet' WHERE id > '' ORDER BY id) TO '${file}' (FORMAT parquet, CODEC snappy)`,
    );
    connection.closeSync();
    assert.deepEqual(await vectorsOf(file), ours);
  });

  test(`LanceDB is filled from it, ${dtype}`, async () => {
    const lancedb = await peer("@lancedb/lancedb");
    const database = await lancedb.connect(join(root, `${dtype}.lance`));
    const store = await openStore(dir);
    let table: Awaited<ReturnType<typeof database.createTable>> | undefined;
    for await (const { ids, vectors } of store.blocks()) {
      const rows = ids.map((id, i) => ({
        id,
        vector: [...vectors.subarray(i * store.dimensions, (i + 1) * store.dimensions)],
      }));
      if (table) await table.add(rows);
      else table = await database.createTable("pictures", rows);
    }
    assert.equal(await table.countRows(), Object.keys(ours).length);
    for (const id of Object.keys(ours).slice(0, 5)) {
      const [best] = await table.search(ours[id]).limit(1).toArray();
      assert.deepEqual(ours[best.id], ours[id]);
    }
  });

  const python = process.env.PYARROW;
  test(`pyarrow reads all of it, ${dtype}`, { skip: python === undefined && "PYARROW names no Python" }, () => {
    const script = fileURLToPath(new URL("pyarrow_reads.py", import.meta.url));
    const found = JSON.parse(execFileSync(python!, [script, dir], { encoding: "utf8", maxBuffer: 1e8 }));
    assert.equal(found.type, `fixed_size_list<element: ${dtype === "float32" ? "float" : "halffloat"} not null>[256]`);
    assert.deepEqual([found.rows, found.failed], [60, 6]);
    assert.deepEqual(
      Object.fromEntries(Object.entries(found.vectors as Record<string, number[]>)),
      Object.fromEntries(Object.entries(ours).map(([id, vector]) => [id, [...vector]])),
    );
  });
}

test("an index: asked, told when it is behind, brought up to date, and removed by forget", async () => {
  const dir = join(root, "indexed");
  const here = { cwd: fileURLToPath(new URL(".", import.meta.url)) };
  const extract = (...inputs: string[]) => mobilenets(["extract", ...inputs, "--out", dir, ...flags]);
  const some = join(root, "some");
  await writeMany(some, 30);
  assert.equal((await extract(photos)).code, 0);
  const index = async () => JSON.parse((await mobilenets(["index", dir, "--json"], here)).stdout);
  const first = await index();
  assert.deepEqual([first.rows, first.added, first.removed, first.recall], [54, 54, 0, 1]);
  const search = async (...more: string[]) => {
    const { stdout, stderr, code } = await mobilenets(["search", dir, "row:3", "--json", ...more], here);
    assert.equal(code, 0, stderr);
    const { similar } = JSON.parse(stdout) as { similar: { path: string; row: number; similarity: number }[] };
    // Rows that are equally similar come in any order.
    const lines = similar.map(({ path, row, similarity }) => `${similarity.toFixed(5)} ${row} ${path}`);
    return { stderr, similar: lines.sort(), best: similar[0].path };
  };
  const same = async (...more: string[]) => {
    const found = await search("--approximate", ...more);
    assert.deepEqual(found.similar, (await search(...more)).similar);
    return found.stderr;
  };
  assert.equal(await same(), "");
  await same("--where", "path=**/*3.png");
  const { seconds: _, ...again } = await index();
  assert.deepEqual(again, { rows: 54, added: 0, removed: 0, probes: first.probes, recall: 1 });
  // More pictures than the index knows of: those are compared one by one.
  assert.equal((await extract(photos, some)).code, 0);
  assert.match(await same(), /rows are not in the index/);
  const second = await index();
  assert.equal(second.rows, 81);
  assert.ok(second.added >= 27 && second.added < 81, String(second.added));
  assert.equal(await same(), "");
  assert.match((await search("--approximate", "--recall")).stderr, /recall@10: 1\.0000/);
  const { best } = await search();
  const forgotten = await mobilenets(["forget", dir, best]);
  assert.match(forgotten.stderr, /the index held them too, and is removed/);
  const gone = await mobilenets(["search", dir, "row:3", "--approximate"], here);
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /--approximate: no folder index in .*: mobilenets index/);
});

test("pictures and archives from an object store", async () => {
  const S3rver = (await peer("s3rver")).default;
  const data = join(root, "s3");
  const server = new S3rver({
    ...{ port: 0, address: "127.0.0.1", silent: true, directory: data },
    configureBuckets: [{ name: "pictures" }],
  });
  const { port } = await server.run();
  after(() => server.close());
  const env = {
    ...process.env,
    ...{ AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER", AWS_REGION: "us-east-1" },
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  };
  const { AwsClient } = await import("aws4fetch");
  const client = new AwsClient({
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    service: "s3",
    region: "us-east-1",
  });
  const put = async (key: string, body: Uint8Array) => {
    const url = `${env.AWS_ENDPOINT_URL}/pictures/${key.split("/").map(encodeURIComponent).join("/")}`;
    const answer = await client.fetch(url, { method: "PUT", body: body as BodyInit });
    assert.equal(answer.status, 200, key);
  };
  const names = Array.from({ length: 1203 }, (_, i) => `${String(i).padStart(5, "0")}.png`);
  const bytes = await Promise.all(names.slice(0, 60).map((name) => readFile(join(photos, name))));
  // A list has a thousand names at a time; the server's pages need a cipher that Node has behind --openssl-legacy-provider.
  for (const [i, name] of names.entries()) await put(`all/${name}`, bytes[i % 60]);
  await put("odd/a b&c+ü.png", bytes[0]);
  await mkdir(join(root, "tar"));
  for (const [i, name] of names.slice(0, 5).entries()) await writeFile(join(root, "tar", name), bytes[i]);
  execFileSync("tar", ["-C", join(root, "tar"), "-cf", join(root, "s.tar"), "."]);
  await put("shards/s-1.tar", await readFile(join(root, "s.tar")));

  const plain = [...tiny, "--quiet", "--json"];
  const from = async (input: string, out: string) => {
    const { code, stdout, stderr } = await mobilenets(["extract", input, "--out", join(root, out), ...plain], { env });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const many = await from("s3://pictures/all/", "from-s3");
  assert.deepEqual([many.rows + many.failed, many.format], [1203, "parquet"]);
  await rm(join(root, "local"), { recursive: true, force: true });
  const local = await mobilenets(["extract", photos, "--out", join(root, "local"), "--full-decode", ...plain]);
  assert.equal(local.code, 0, local.stderr);
  const [theirs, ours] = [await vectorsOf(join(root, "from-s3")), await vectorsOf(join(root, "local"))];
  assert.deepEqual(theirs["s3://pictures/all/00063.png"], ours[join(photos, "00003.png")]);
  assert.equal((await from("s3://pictures/odd/", "odd")).rows, 1);
  const tar = await from("s3://pictures/shards/s-{1..1}.tar", "tar-store");
  assert.equal(tar.rows, 5);
  const [id] = Object.keys(await vectorsOf(join(root, "tar-store")));
  assert.equal(id, "s3://pictures/shards/s-1.tar/00000.png");

  // It does not check signatures of this version, only whose they are.
  const wrong = { ...env, AWS_ACCESS_KEY_ID: "nobody" };
  const refused = await mobilenets(["extract", "s3://pictures/all/", "--out", join(root, "no"), ...plain], {
    env: wrong,
  });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /s3:\/\/pictures\/all\/: HTTP status 403/);
  assert.doesNotMatch(refused.stderr, /X-Amz/);
  const { AWS_ACCESS_KEY_ID: _, ...without } = env;
  const unsigned = await mobilenets(["extract", "s3://pictures/all/", "--out", join(root, "no"), ...plain], {
    env: without,
  });
  assert.equal(unsigned.code, 2);
  assert.match(unsigned.stderr, /no credentials, expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
});
