import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { temporaryFolder } from "./folder.ts";
import { jsonLines, mobilenets, tiny } from "./run.ts";

const folder = await temporaryFolder();
const picture = join(folder, "blue.png");
await sharp({ create: { width: 40, height: 40, channels: 3, background: "blue" } }).toFile(picture);

async function features(...options: string[]): Promise<number[]> {
  const { code, stdout, stderr } = await mobilenets(["embed", picture, ...tiny, "--json", ...options]);
  assert.equal(code, 0, stderr);
  const [{ embedding }] = jsonLines(stdout) as [{ embedding: number[] }];
  return embedding;
}

test("--engine onnxruntime gives the features that our own engine gives", async () => {
  const ours = await features();
  const theirs = await features("--engine", "onnxruntime", "--threads", "1");
  assert.equal(theirs.length, 256);
  const largest = Math.max(...ours);
  for (const [i, value] of theirs.entries()) assert.ok(Math.abs(value - ours[i]) <= 1e-4 * largest, `${i}: ${value}`);
});

test("--engine onnxruntime without its package says what to install: exit code 1", async () => {
  const hooks = `export async function resolve(name, context, next) {
    if (name.startsWith("onnxruntime-")) throw Object.assign(new Error("gone"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(name, context);
  }`;
  const register = join(folder, "register.mjs");
  const source = `data:text/javascript,${encodeURIComponent(hooks)}`;
  await writeFile(register, `import { register } from "node:module"; register(${JSON.stringify(source)});`);
  const env = { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(register)}` };
  const { code, stdout, stderr } = await mobilenets(["embed", picture, ...tiny, "--engine", "onnxruntime"], { env });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /^error: onnxruntime-node: not installed: needed to run the engine onnxruntime: npm install onnxruntime-node$/m,
  );
  assert.doesNotMatch(stderr, /\n {4}at /);
});

test("providers are refused where they mean nothing, and by a runtime that lacks them", async () => {
  const refused = await mobilenets(["embed", picture, ...tiny, "--providers", "cuda"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /error: providers: given for engine auto, expected engine onnxruntime/);
  const lacking = await mobilenets(["embed", picture, ...tiny, "--engine", "onnxruntime", "--providers", "abacus"]);
  assert.equal(lacking.code, 1);
  assert.match(lacking.stderr, /ONNX Runtime cannot prepare the model .*does this build of it have abacus\?/);
});
