import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.ts";

const entry = new URL("./restricted.page.ts", import.meta.url);
const open = (policy: string) => openPage<typeof import("./restricted.page.ts")>(entry, {}, [], policy);

test("a page whose policy forbids WebAssembly is told what to allow", async () => {
  const page = await open("script-src 'self' 'unsafe-inline'");
  try {
    const { error, name } = await page.call("attempt", "auto");
    assert.equal(name, "EngineError");
    assert.match(error as string, /^wasm engine: WebAssembly that this host does not compile .*'wasm-unsafe-eval'/);
  } finally {
    await page.close();
  }
});

test("a page whose policy forbids workers runs on one thread; a number of them is refused with a way out", async () => {
  const page = await open("script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'");
  try {
    assert.match((await page.call("attempt", "auto")).engine as string, /^wasm-/);
    const { error, name } = await page.call("attempt", 2);
    assert.equal(name, "EngineError");
    assert.match(error as string, /worker threads cannot start .*: use threads: 1, or allow them: .*worker-src blob:/);
  } finally {
    await page.close();
  }
});

test("a page whose policy forbids the site of the weights is told which address cannot be fetched", async () => {
  const page = await open("script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'none'");
  try {
    const { error, name } = await page.call("fetchWeights", "/model.safetensors");
    assert.equal(name, "ReadError");
    assert.match(error as string, /^\/model\.safetensors: cannot be fetched/);
  } finally {
    await page.close();
  }
});
