import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../errors.ts";
import { importPeer } from "./peer.ts";

test("gives what the import gives", async () => {
  assert.equal((await importPeer("node:path", () => import("node:path"), "join paths")).posix.join("a", "b"), "a/b");
});

test("a package that is missing is named, with the command that installs it", async () => {
  const missing: string = "no-such-package-of-ours";
  await assert.rejects(
    importPeer(missing, () => import(missing), "read such files"),
    (error) =>
      WeightsError.is(error) &&
      error.message === `${missing}: not installed: needed to read such files: npm install ${missing}`,
  );
});

test("a package that is there but does not load says why", async () => {
  const broken = () => Promise.reject(new Error("wrong ABI\nand more"));
  await assert.rejects(importPeer("x", broken, "read x"), { message: /^x: cannot be loaded \(wrong ABI\): needed to/ });
});
