import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import sharp from "sharp";
import { writeDifficult } from "./pictures.ts";
import { jsonLines, mobilenets, start, tiny } from "./run.ts";
import { type Served, serve } from "./server.ts";

const TOKEN = "0123456789abcdef0123";
const authorization = `Bearer ${TOKEN}`;
let dir: string;
let open: Served;
let guarded: Served;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "mobilenets-"));
  await writeDifficult(join(dir, "pictures"));
  await writeFile(join(dir, "tokens"), `# callers\nme ${TOKEN}\n`);
  open = await serve([...tiny, "--max-batch", "8", "--max-delay", "50", "--max-body", "1"]);
  guarded = await serve([...tiny, "--tokens", join(dir, "tokens"), "--rate", "2"]);
});

after(async () => {
  await open.stop();
  await guarded.stop();
  await rm(dir, { recursive: true });
});

const picture = (name: string) => readFile(join(dir, "pictures", name));

function form(...files: (readonly [name: string, bytes: Uint8Array])[]): FormData {
  const data = new FormData();
  for (const [name, bytes] of files) data.append("image", new Blob([new Uint8Array(bytes)]), name);
  return data;
}

async function ask(path: string, body: BodyInit, headers: Record<string, string> = {}, base = open.address) {
  const response = await fetch(`${base}${path}`, { method: "POST", body, headers });
  // biome-ignore lint/suspicious/noExplicitAny: what it holds is what is tested
  return { status: response.status, headers: response.headers, json: (await response.json()) as any };
}

const raw = { "content-type": "image/jpeg" };
const json = { "content-type": "application/json" };

test("each form of a request gets the labels that `classify` prints", async () => {
  const path = join(dir, "pictures/good.jpg");
  const { stdout } = await mobilenets(["classify", path, "--json", ...tiny]);
  const [{ topK }] = jsonLines(stdout) as { topK: { label: string; probability: number }[] }[];
  const bytes = await readFile(path);
  const labels = (list: typeof topK) => list.map(({ label }) => label);
  for (const [body, headers] of [
    [form(["good.jpg", bytes]), {}],
    [new Uint8Array(bytes), raw],
    [JSON.stringify({ base64: bytes.toString("base64") }), json],
  ] as const) {
    const { status, json } = await ask("/v1/classify", body, headers);
    assert.equal(status, 200, JSON.stringify(json));
    assert.deepEqual(labels(json.topK), labels(topK));
    assert.ok(Math.abs(json.topK[0].probability - topK[0].probability) < 1e-5);
  }
});

test("embed gives the features that the command prints", async () => {
  const path = join(dir, "pictures/good.jpg");
  const { stdout } = await mobilenets(["embed", path, "--json", ...tiny]);
  const [{ embedding }] = jsonLines(stdout) as { embedding: number[] }[];
  const { json } = await ask("/v1/embed", new Uint8Array(await readFile(path)), raw);
  assert.equal(json.embedding.length, embedding.length);
  for (const [i, x] of embedding.entries()) assert.ok(Math.abs(json.embedding[i] - x) < 1e-4);
});

test("of several pictures each has its result or its error", async () => {
  const body = form(["good.jpg", await picture("good.jpg")], ["text.jpg", await picture("text.jpg")]);
  const posted = await ask("/v1/classify?top=2", body);
  assert.equal(posted.status, 200);
  assert.equal(posted.json.results[0].topK.length, 2);
  assert.deepEqual([posted.json.results[1].name, posted.json.results[1].error.code], ["text.jpg", "bad_picture"]);

  const base64 = (await picture("good.jpg")).toString("base64");
  const list = await ask("/v1/classify", JSON.stringify({ images: [{ base64 }, { base64: "AAAA" }] }), json);
  assert.equal(list.json.results[0].topK.length, 5);
  assert.equal(list.json.results[1].error.code, "bad_picture");
});

test("a store is searched; pages of the origins named may ask", async () => {
  const pictures = join(dir, "pictures");
  const store = join(dir, "store");
  const files = ["good.jpg", "cmyk.jpg", "rotated.jpg"].map((name) => join(pictures, name));
  assert.equal((await mobilenets(["extract", ...files, "--out", store, ...tiny])).code, 0);
  const server = await serve(["--store", store, "--cors", "https://a.example"]);
  try {
    const bytes = new Uint8Array(await picture("cmyk.jpg"));
    const { json, headers } = await ask(
      "/v1/search?top=2",
      bytes,
      { ...raw, origin: "https://a.example" },
      server.address,
    );
    assert.equal(json.similar.length, 2);
    assert.equal(json.similar[0].path, files[1]);
    assert.ok(json.similar[0].similarity > 0.9999);
    assert.equal(headers.get("access-control-allow-origin"), "https://a.example");
    const other = await ask("/v1/search", bytes, { ...raw, origin: "https://b.example" }, server.address);
    assert.equal(other.headers.get("access-control-allow-origin"), null);
  } finally {
    await server.stop();
  }
});

test("a store of parts is asked with pictures that are decoded as its own", async () => {
  const [large, store] = [join(dir, "large.jpg"), join(dir, "parts-store")];
  await sharp(await picture("good.jpg"))
    .resize(640, 480, { kernel: "nearest" })
    .jpeg()
    .toFile(large);
  const made = await mobilenets(["extract", large, "--out", store, "--format", "parquet", ...tiny]);
  assert.equal(made.code, 0, made.stderr);
  const server = await serve(["--store", store]);
  try {
    const { json } = await ask("/v1/search", new Uint8Array(await readFile(large)), raw, server.address);
    assert.ok(json.similar[0].similarity > 1 - 1e-6, JSON.stringify(json));
  } finally {
    await server.stop();
  }
});

test("overlapping requests run in batches, and get what they would get alone", async () => {
  const bodies = await Promise.all(["good.jpg", "cmyk.jpg", "rotated.jpg"].map(picture));
  const alone = [];
  for (const body of bodies) alone.push((await ask("/v1/classify", new Uint8Array(body), raw)).json.topK);
  const many = Array.from({ length: 24 }, (_, i) => ask("/v1/classify", new Uint8Array(bodies[i % 3]), raw));
  for (const [i, { json }] of (await Promise.all(many)).entries()) {
    assert.deepEqual(
      json.topK.map(({ label }: { label: string }) => label),
      alone[i % 3].map(({ label }: { label: string }) => label),
    );
  }
  const metrics = await (await fetch(`${open.address}/metrics`)).text();
  const value = (name: string) =>
    Number(new RegExp(`^mobilenets_batch_pictures_${name} (\\d+)`, "m").exec(metrics)![1]);
  assert.ok(value("count") < value("sum") - 8, `${value("sum")} pictures in ${value("count")} batches`);
});

test("/openapi.json is a valid document, and has every route that takes pictures", async () => {
  const document = await (await fetch(`${open.address}/openapi.json`)).json();
  const { valid, errors } = await new Validator().validate(document);
  assert.ok(valid, JSON.stringify(errors));
  assert.deepEqual(
    Object.keys(document.paths).filter((path) => path.startsWith("/v1/")),
    ["/v1/classify", "/v1/embed"],
  );
  const page = await (await fetch(`${open.address}/reference`)).text();
  for (const path of Object.keys(document.paths)) {
    assert.ok(page.includes(`<code>${path}</code></h2>`), path);
    // What it describes is there.
    const [method] = Object.keys(document.paths[path]);
    const { status } = await fetch(`${open.address}${path}`, { method });
    assert.equal(status, method === "get" ? 200 : 415, path);
  }
});

test("errors say what is wrong, with the status for it", async () => {
  const good = new Uint8Array(await picture("good.jpg"));
  for (const [status, code, body, headers, path] of [
    [422, "bad_picture", new Uint8Array(await picture("text.jpg")), raw],
    [422, "bad_picture", new Uint8Array(await picture("huge.png")), raw],
    [422, "bad_picture", form(["empty.jpg", new Uint8Array(0)]), {}],
    [413, "too_large", new Uint8Array(1_100_000), raw],
    [415, "unsupported_type", "a,b", { "content-type": "text/csv" }],
    [400, "bad_request", "{", json],
    [400, "bad_json", "{}", json],
    [422, "urls_off", JSON.stringify({ url: "http://127.0.0.1/" }), json],
    [400, "bad_request", "--x\r\ncut", { "content-type": "multipart/form-data; boundary=x" }],
    [400, "bad_top", good, raw, "/v1/classify?top=0"],
    [404, "not_found", good, raw, "/v1/nothing"],
  ] as const) {
    const answer = await ask(path ?? "/v1/classify", body, headers);
    assert.deepEqual([answer.status, answer.json.error?.code], [status, code], JSON.stringify(answer.json));
    assert.ok(answer.json.error.message.length > 10);
  }
});

test("tokens and rates hold", async () => {
  const good = new Uint8Array(await picture("good.jpg"));
  const status = async (headers: Record<string, string>) =>
    (await ask("/v1/classify", good, { ...raw, ...headers }, guarded.address)).status;
  assert.equal(await status({ authorization }), 200);
  assert.equal(await status({ authorization }), 200);
  assert.equal(await status({ authorization }), 429);
  const wrong = await ask("/v1/classify", good, { ...raw, authorization: `${authorization}4` }, guarded.address);
  assert.deepEqual([wrong.status, wrong.json.error.code], [401, "unauthorized"]);
});

test("more pictures than the queue holds get 503, and SIGTERM lets those that are taken finish", async () => {
  const server = await serve([...tiny, "--max-queue", "1", "--max-delay", "1500", "--max-batch", "2"]);
  const good = new Uint8Array(await picture("good.jpg"));
  const first = ask("/v1/classify", good, raw, server.address);
  await sleep(500);
  const second = await ask("/v1/classify", good, raw, server.address);
  assert.deepEqual(
    [second.status, second.json.error.code, second.headers.get("retry-after")],
    [503, "queue_full", "1"],
  );
  const stopped = server.stop();
  assert.equal((await first).status, 200);
  assert.equal(await stopped, 0);
});

test("workers share the load; it is ready once all of them are; SIGINT ends it as SIGTERM does", async () => {
  const child = start(["serve", ...tiny, "--port", "0", "--workers", "2", "--threads", "1"]);
  const closed = once(child, "close");
  const [line] = await once(child.stdout!.setEncoding("utf8"), "data");
  const address = /listening on (\S+)/.exec(line)![1];
  const early = await fetch(`${address}/readyz`);
  const good = new Uint8Array(await picture("good.jpg"));
  if (early.status !== 200) {
    // It listens before the models are loaded, and says so.
    const { error } = (await early.json()) as { error: { code: string } };
    assert.deepEqual([early.status, error.code, early.headers.get("retry-after")], [503, "starting", "1"]);
  }
  while (!(await fetch(`${address}/readyz`)).ok) await sleep(50);
  const alone = (await ask("/v1/embed", good, raw)).json.embedding;
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask("/v1/embed", good, raw, address)));
  for (const { json } of answers) assert.deepEqual(json.embedding, alone);
  child.kill("SIGINT");
  assert.equal((await closed)[0], 0);
});

test("addresses are fetched where the server is told to, and those of inner networks are not", async (t) => {
  const body = await picture("good.jpg");
  let asked = 0;
  const inside = createServer((_request, response) => {
    asked++;
    response.end(body);
  }).listen(0, "127.0.0.1");
  await once(inside, "listening");
  t.after(() => inside.close());
  const { port } = inside.address() as AddressInfo;
  const url = (address: string) => JSON.stringify({ url: address });
  const [careful, trusting] = await Promise.all([
    serve([...tiny, "--urls"]),
    serve([...tiny, "--urls", "--allow-private"]),
  ]);
  t.after(() => Promise.all([careful.stop(), trusting.stop()]));
  for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"]) {
    const { status, json: answered } = await ask("/v1/classify", url(`http://${host}:${port}/`), json, careful.address);
    assert.deepEqual([status, answered.error.code], [422, "bad_picture"], host);
  }
  assert.equal((await ask("/v1/classify", url("file:///etc/passwd"), json, trusting.address)).status, 422);
  assert.equal(asked, 0);
  const { status, json: answered } = await ask(
    "/v1/embed",
    url(`http://127.0.0.1:${port}/a.jpg`),
    json,
    trusting.address,
  );
  assert.equal(status, 200);
  assert.deepEqual(answered.embedding, (await ask("/v1/embed", new Uint8Array(body), raw)).json.embedding);
});

test("a file of tokens that is none is bad usage, and the token is not told", async () => {
  await writeFile(join(dir, "bad"), "short secret\n");
  const child = start(["serve", ...tiny, "--port", "0", "--tokens", join(dir, "bad")]);
  let stderr = "";
  child.stderr!.on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 2);
  assert.match(stderr, /line 1: a short token/);
  assert.doesNotMatch(stderr, /secret/);
});
