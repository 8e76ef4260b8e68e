import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, mock, test } from "node:test";
import { ReadError } from "mobilenets";
import { presign } from "./presign.ts";
import { signedUrl } from "./s3.ts";

const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
// Other files' tests run in the same process.
const environment = process.env;
process.env = { ...environment };
after(() => {
  process.env = environment;
});
const limits = { refuseAddress: () => undefined };

const signatureOf = (url: string) => new URL(url).searchParams.get("X-Amz-Signature");

/** @param datetime as `20130524T000000Z` */
async function at<T>(datetime: string, act: () => Promise<T>): Promise<T> {
  const [, ...parts] = /(....)(..)(..)T(..)(..)(..)Z/.exec(datetime)!;
  const [year, month, ...rest] = parts.map(Number);
  mock.timers.enable({ apis: ["Date"], now: Date.UTC(year, month - 1, ...rest) });
  try {
    return await act();
  } finally {
    mock.timers.reset();
  }
}

test("a signature is that of the example in Amazon's documentation", async () => {
  // "Authenticating Requests: Using Query Parameters", of the API reference of S3.
  const credentials = { accessKeyId, secretAccessKey, region: "us-east-1" };
  const signed = await at("20130524T000000Z", () =>
    presign("https://examplebucket.s3.amazonaws.com/test.txt", credentials),
  );
  assert.equal(signatureOf(signed), "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
});

interface Case {
  readonly base: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly region: string;
  readonly signature: string;
}

test("signatures of all kinds of keys and queries are those of Amazon's own library", async () => {
  const path = new URL("../../../../../test/golden/presigned.json", import.meta.url);
  const { datetime, cases } = JSON.parse(readFileSync(path, "utf8")) as { datetime: string; cases: readonly Case[] };
  assert.ok(cases.length >= 16);
  for (const { base, key, query, token, region, signature } of cases) {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
      AWS_SESSION_TOKEN: token ?? "",
      // Amazon's addresses are made of the region.
      AWS_ENDPOINT_URL: base.startsWith("https:") ? "" : base,
    });
    const { url } = await at(datetime, () => signedUrl(`s3://pictures/${key}`, limits, query));
    assert.ok(url.startsWith(`${base}/pictures/`), url);
    assert.equal(signatureOf(url), signature, `${key} ${JSON.stringify(query)}`);
  }
});

test("a key that an address would shorten is refused, not read from elsewhere", async () => {
  for (const key of ["a/../b.png", "./b.png", "a/."]) {
    await assert.rejects(signedUrl(`s3://pictures/${key}`, limits), ReadError);
  }
  assert.ok((await signedUrl("s3://pictures/a..b/...png", limits)).url.includes("/a..b/...png?"));
});
