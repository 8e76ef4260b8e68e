// What a model's file says of its companions never leads out of its folder, or to another host: by path, file: and http:.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { load, tensor, WeightsError } from "mobilenets";
import { formatFor } from "mobilenets/weights";
import { encode, loadWire } from "../packages/mobilenets/src/weights/onnx/codec.ts";
import { DATA_TYPE, modelProto } from "../packages/mobilenets/src/weights/onnx/schema.ts";

let root: string;
let folder: string;
/** What the model's site and another one are asked for. */
let asked: string[] = [];
const models = new Map<string, Uint8Array>();
const site = createServer(({ url }, response) => {
  const path = url ?? "";
  if (!models.has(path)) asked.push(path);
  response.writeHead(models.has(path) ? 200 : 404).end(models.get(path));
});
const inside = createServer(({ url }, response) => {
  asked.push(`inside ${url}`);
  response.end("secret");
});
const addressOf = (server: typeof site) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "mobilenets-companions-"));
  folder = join(root, "model");
  await mkdir(folder);
  await writeFile(join(root, "secret"), new Uint8Array(4e6));
  for (const server of [site, inside]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  for (const server of [site, inside]) server.close();
  await rm(root, { recursive: true });
});

const shard = (path: string) =>
  new TextEncoder().encode(
    JSON.stringify({
      format: "layers-model",
      modelTopology: { class_name: "Model", config: { layers: [] } },
      weightsManifest: [{ paths: [path], weights: [{ name: "a/b", shape: [1e6], dtype: "float32" }] }],
    }),
  );

async function external(path: string): Promise<Uint8Array> {
  const initializer = [
    {
      name: "w",
      dims: [1e6],
      dataType: DATA_TYPE.float,
      dataLocation: 1,
      externalData: [{ key: "location", value: path }],
    },
  ];
  return encode(await loadWire("test"), modelProto, {
    irVersion: 8,
    graph: { initializer, node: [{ opType: "Relu" }] },
  });
}

const hostile = () => [
  "../secret",
  "/etc/passwd",
  " /etc/passwd",
  "\u0001/etc/passwd",
  ".\t./secret",
  ".\t./.\t./x",
  "%2e%2e/secret",
  "..%2fsecret",
  `${addressOf(inside)}/admin`,
  ` ${addressOf(inside)}/admin`,
  `\n${addressOf(inside)}/admin`,
  `//127.0.0.1:${(inside.address() as AddressInfo).port}/admin`,
  pathToFileURL(join(root, "secret")).href,
];

for (const [kind, make] of [
  ["model.json", async (path: string) => shard(path)],
  ["model.onnx", external],
] as const) {
  test(`${kind}: companions elsewhere are refused before anything is read or asked`, async () => {
    const file = join(folder, kind);
    for (const path of hostile()) {
      const bytes = await make(path);
      await writeFile(file, bytes);
      models.set(`/models/${kind}`, bytes);
      for (const source of [file, pathToFileURL(file).href, `${addressOf(site)}/models/${kind}`]) {
        asked = [];
        await assert.rejects(
          load(source),
          (error) =>
            error instanceof WeightsError && /a companion at .*expected a file in the folder/.test(error.message),
          `${JSON.stringify(path)} of ${source}`,
        );
        assert.deepEqual(asked, [], `${JSON.stringify(path)} of ${source}`);
      }
    }
  });

  test(`${kind}: a link out of the folder is refused, one within it is followed`, async () => {
    const file = join(folder, kind);
    await writeFile(file, await make("linked.bin"));
    await rm(join(folder, "linked.bin"), { force: true });
    await symlink(join(root, "secret"), join(folder, "linked.bin"));
    await assert.rejects(load(file), /a link that leads out of the model's folder/);
    await rm(join(folder, "linked.bin"));
    await writeFile(join(folder, "real.bin"), new Uint8Array(4e6));
    await symlink(join(folder, "real.bin"), join(folder, "linked.bin"));
    // Read as it should be; the model is refused for what it is.
    await assert.rejects(load(file), (error) => !/link|cannot be read/.test((error as Error).message));
    await rm(join(folder, "linked.bin"));
    // As in the cache of huggingface_hub: model and companion are links to one folder of blobs.
    const blobs = join(root, `blobs-${kind}`);
    const snapshot = join(root, `snapshot-${kind}`);
    await mkdir(blobs);
    await mkdir(snapshot);
    await writeFile(join(blobs, "1"), await make("linked.bin"));
    await writeFile(join(blobs, "2"), new Uint8Array(4e6));
    await symlink(join(blobs, "1"), join(snapshot, kind));
    await symlink(join(blobs, "2"), join(snapshot, "linked.bin"));
    await assert.rejects(load(join(snapshot, kind)), (error) => !/link|cannot be read/.test((error as Error).message));
  });
}

test("a file given as bytes finds its companions among those given with it, as bytes or as blobs, and no others", async () => {
  const whole = await load("mobilenet_v1", { weights: "random", alpha: 0.25, inputShape: [32, 32, 3], classes: 2 });
  const { bytes, companions = {} } = await (await formatFor("model.json").writer())(whole);
  const [[shard, data]] = Object.entries(companions);
  const input = tensor([1, 32, 32, 3]).data.fill(0.5);
  const expected = await whole.predict({ data: input, shape: [1, 32, 32, 3] });
  whole.dispose();
  for (const given of [data, new Blob([new Uint8Array(data)])]) {
    const model = await load(bytes, { companions: { [shard]: given } });
    const answer = await model.predict({ data: input, shape: [1, 32, 32, 3] });
    assert.deepEqual(answer.data, expected.data);
    model.dispose();
  }
  const others: (Record<string, Uint8Array> | undefined)[] = [undefined, {}, { other: data }];
  for (const given of others) {
    await assert.rejects(load(bytes, { companions: given }), (error: Error) => {
      assert.ok(error instanceof WeightsError);
      return error.message.includes(shard) && error.message.includes("companions");
    });
  }
  // A name of JavaScript's own is no file.
  const forged = new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll(shard, "constructor"));
  await assert.rejects(load(forged, { companions: {} }), WeightsError);
});
