import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkBuild } from "./cli/check-build.ts";

const run = promisify(execFile);
checkBuild();
const library = fileURLToPath(new URL("../packages/mobilenets/dist/index.js", import.meta.url));
const [major] = process.versions.node.split(".").map(Number);
const permission = major >= 22 ? "--permission" : "--experimental-permission";

/** Under Node's permission model without --allow-worker. */
async function attempt(threads: string): Promise<string> {
  const script = `
    import { load } from ${JSON.stringify(library)};
    const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 4, weights: "random", threads: ${threads} };
    try {
      const model = await load("mobilenet_v1", options);
      const { shape } = await model.predict({ data: new Float32Array(32 * 32 * 3), shape: [1, 32, 32, 3] });
      console.log(shape.join());
      model.dispose();
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }`;
  const args = [permission, "--allow-fs-read=*", "--input-type=module", "--eval", script];
  return (await run(process.execPath, args)).stdout.trim();
}

test("where workers are forbidden, auto means one thread, and a number of them an error that names the way out", async () => {
  assert.equal(await attempt('"auto"'), "1,4");
  assert.match(
    await attempt("2"),
    /^EngineError: wasm engine: a host where worker threads cannot start .*--allow-worker/,
  );
});
