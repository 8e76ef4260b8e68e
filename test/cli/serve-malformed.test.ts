import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../packages/mobilenets/src/random.ts";
import { kindCount, malformed, material, statusOf } from "../http/malformed.ts";
import { tiny } from "./run.ts";
import { serve } from "./server.ts";

test("malformed requests get the status for what is wrong, and change nothing for others", async () => {
  const server = await serve([...tiny, "--max-body", "1", "--urls"]);
  try {
    const port = Number(new URL(server.address).port);
    const of = await material(1e6);
    const rng = random(11);
    const ask = async () => {
      const body = new Uint8Array(of.picture);
      const init = { method: "POST", body, headers: { "content-type": "image/jpeg" } };
      return (await fetch(`${server.address}/v1/classify`, init)).text();
    };
    const before = await ask();
    for (let i = 0; i < 3 * kindCount; i++) {
      const request = malformed(i, rng, of);
      const status = await statusOf(port, request, 20_000).catch(({ message }) => message);
      assert.ok(request.statuses.includes(status), `${request.kind}, number ${i}: ${status}`);
    }
    assert.equal(await ask(), before);
  } finally {
    assert.equal(await server.stop(), 0);
  }
});
