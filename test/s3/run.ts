// Pictures come from an object store that checks signatures, and that nobody here wrote: VersityGW, in Go.
// `npm run test:s3` builds it (`go.mod` and `go.sum` name its version; some minutes the first time) and runs this.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../cli/folder.ts";
import { vectorsOf } from "../cli/parts.ts";
import { writeMany } from "../cli/pictures.ts";
import { mobilenets, tiny } from "../cli/run.ts";

const root = await temporaryFolder();
const program = join(root, "versitygw");
execFileSync("go", ["build", "-o", program, "github.com/versity/versitygw/cmd/versitygw"], {
  cwd: fileURLToPath(new URL(".", import.meta.url)),
  stdio: "inherit",
});
const photos = join(root, "photos");
await writeMany(photos, 20);
/** Of pictures that can be read. */
const source = (i: number) => join(photos, `${String([0, 1, 2, 3, 4, 5, 6, 8][i % 8]).padStart(5, "0")}.png`);

// The store keeps a bucket as a folder.
const store = join(root, "store");
async function put(key: string, from: string): Promise<void> {
  const path = join(store, "pictures", key);
  await mkdir(dirname(path), { recursive: true });
  await copyFile(from, path);
}
const ODD = ["a b&c+ü.png", "a%20b.png", "100%.png", "it's (1)! *~-_.png", "猫🐈.png", 'e\u0301=?#;:@$,"<>^`{|}\\.png'];
for (const [i, name] of ODD.entries()) await put(`odd ü+%/${name}`, source(i));
// A list has a thousand names at a time.
const MANY = 1203;
for (let i = 0; i < MANY; i++) await put(`all/${String(i).padStart(5, "0")}.png`, source(i));
execFileSync("tar", ["-C", photos, "-cf", join(root, "s.tar"), ...[0, 1, 2].map((i) => basename(source(i)))]);
await put("shards/s 1.tar", join(root, "s.tar"));

const [key, secret] = ["AKIATESTOFMOBILENETS", "a/secret+with=signs/of/all+kinds=0123456"];
const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
server.close();
const address = `127.0.0.1:${port}`;
// With a folder of accounts, of which there are none, it refuses others as Amazon does.
const accounts = join(root, "accounts");
await mkdir(accounts);
const account = ["--access", key, "--secret", secret, "--iam-dir", accounts, "--region", "eu-test-1"];
const gateway = spawn(program, [...account, "--port", address, "--quiet", "posix", "--nometa", store], {
  stdio: ["ignore", "ignore", "inherit"],
});
after(() => gateway.kill());
for (let tries = 0; ; tries++) {
  if (await fetch(`http://${address}/`).catch(() => undefined)) break;
  assert.ok(tries < 100, "the server does not answer");
  await sleep(100);
}

const env = {
  ...process.env,
  ...{ AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: "eu-test-1" },
  AWS_ENDPOINT_URL: `http://${address}`,
};
const flags = [...tiny, "--quiet", "--json", "--format", "parquet"];
let outputs = 0;
async function extract(input: string, change: NodeJS.ProcessEnv = {}) {
  const out = join(root, `out-${outputs++}`);
  const made = await mobilenets(["extract", input, "--out", out, ...flags], { env: { ...env, ...change } });
  return { ...made, out };
}
async function vectors(input: string): Promise<Record<string, Float32Array>> {
  const { code, stderr, out } = await extract(input);
  assert.equal(code, 0, stderr);
  return vectorsOf(out);
}

const local = await vectors(photos);
const vectorOf = (i: number) => local[source(i)];

test("a list of more than a thousand objects, and the objects", async () => {
  const found = await vectors("s3://pictures/all/");
  assert.equal(Object.keys(found).length, MANY);
  for (const i of [0, 999, 1000, MANY - 1]) {
    assert.deepEqual(found[`s3://pictures/all/${String(i).padStart(5, "0")}.png`], vectorOf(i));
  }
});

test("keys and prefixes of all kinds of characters", async () => {
  const expected = Object.fromEntries(ODD.map((name, i) => [`s3://pictures/odd ü+%/${name}`, vectorOf(i)]));
  assert.deepEqual(await vectors("s3://pictures/odd ü+%/"), expected);
});

test("one object, and an archive", async () => {
  const one = "s3://pictures/odd ü+%/a%20b.png";
  assert.deepEqual(await vectors(one), { [one]: vectorOf(1) });
  const archive = "s3://pictures/shards/s 1.tar";
  const expected = [0, 1, 2].map((i) => [`${archive}/${basename(source(i))}`, vectorOf(i)]);
  assert.deepEqual(await vectors(archive), Object.fromEntries(expected));
});

test("a refusal says what to look at, and no signature", async () => {
  for (const [change, found] of [
    [{ AWS_SECRET_ACCESS_KEY: `${secret}x` }, /\(SignatureDoesNotMatch\), .*: is AWS_SECRET_ACCESS_KEY right\?/],
    [{ AWS_ACCESS_KEY_ID: "AKIANOBODY" }, /\(InvalidAccessKeyId\), .*: is AWS_ACCESS_KEY_ID right\?/],
    [{ AWS_REGION: "us-east-1" }, /\(AuthorizationQueryParametersError\), .*: is AWS_REGION right\?/],
    [{ AWS_SESSION_TOKEN: "nobody's+/=" }, /\(InvalidToken\), .*: is AWS_SESSION_TOKEN right\?/],
  ] as const) {
    const { code, stderr } = await extract("s3://pictures/all/", change);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /s3:\/\/pictures\/all\/: HTTP status 40[03]/);
    assert.match(stderr, found);
    assert.doesNotMatch(stderr, /X-Amz/);
  }
  const missing = await extract("s3://nobodys-bucket/all/");
  assert.match(missing.stderr, /HTTP status 404 Not Found \(NoSuchBucket\)/);
});
