import { OptionError, ReadError } from "mobilenets";
import type { Limits } from "../../pictures/limits.ts";
import { MemoryBudget } from "../../pictures/memory-budget.ts";
import { isPictureName } from "../../pictures/other-formats.ts";
import { readUrl } from "../../pictures/read-url.ts";
import { presign } from "./presign.ts";
import { isGzip, isTar, isZstd } from "./tar.ts";

export function isS3(input: string): boolean {
  return input.startsWith("s3://");
}

/** A signed URL, and the check of the network addresses it may lead to. */
export interface SignedUrl {
  readonly url: string;
  readonly refuseAddress: Limits["refuseAddress"];
}

/**
 * Signs the URL of an object in a store with S3's protocol. The credentials come from the environment, as for Amazon's
 * own tools: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, and `AWS_ENDPOINT_URL`
 * for other stores than Amazon's.
 * @param query of the request
 * @throws OptionError without credentials; ReadError for a key that no address can hold
 */
export async function signedUrl(
  address: string,
  { refuseAddress }: Pick<Limits, "refuseAddress">,
  query: Readonly<Record<string, string>> = {},
): Promise<SignedUrl> {
  const { bucket, key } = parseAddress(address);
  const { env } = process;
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? "us-east-1";
  const [accessKeyId, secretAccessKey] = [env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY];
  if (!accessKeyId || !secretAccessKey) {
    const expected = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment";
    throw new OptionError({ where: address, found: "no credentials", expected });
  }
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const base = endpoint ? `${endpoint.replace(/\/$/, "")}/${bucket}` : `https://s3.${region}.amazonaws.com/${bucket}`;
  if (!URL.canParse(base)) {
    const where = "AWS_ENDPOINT_URL";
    throw new OptionError({ where, found: JSON.stringify(endpoint), expected: "an address with http:// or https://" });
  }
  const segments = key.split("/");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    // It would be shortened, to the address of another object.
    throw new ReadError({ where: address, found: "a key with . or .. between slashes", expected: "one without" });
  }
  const url = new URL(`${base}/${segments.map(encodeURIComponent).join("/")}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const { AWS_SESSION_TOKEN: sessionToken } = env;
  const signed = await presign(url.href, { accessKeyId, secretAccessKey, sessionToken, region });
  // The user named the endpoint, so it may be in the inner network.
  return { url: signed, refuseAddress: endpoint ? () => undefined : refuseAddress };
}

/**
 * Lists the pictures and tar archives below an address that ends in `/`. Any other address names one object.
 * @throws ReadError if the store answers with no list
 */
export async function listS3(address: string, limits: Limits): Promise<readonly string[]> {
  const { bucket, key: prefix } = parseAddress(address);
  if (!address.endsWith("/")) return [address];
  const found: string[] = [];
  let token: string | undefined;
  do {
    const query = {
      ...{ "list-type": "2", "encoding-type": "url", prefix },
      ...(token && { "continuation-token": token }),
    };
    const { url, refuseAddress } = await signedUrl(`s3://${bucket}/`, limits, query);
    const share = new MemoryBudget(Number.POSITIVE_INFINITY).open();
    const text = Buffer.from(await readUrl(url, { ...limits, refuseAddress }, share, address)).toString("utf8");
    if (!text.includes("<ListBucketResult")) {
      throw new ReadError({ where: address, found: "no list of objects", expected: "a ListBucketResult" });
    }
    const isEncoded = /<EncodingType>url</.test(text);
    for (const [, name] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) {
      const plain = unescapeXml(name);
      const key = isEncoded ? decodeURIComponent(plain.replaceAll("+", " ")) : plain;
      const base = key.slice(key.lastIndexOf("/") + 1);
      if ([isPictureName, isTar, isGzip, isZstd].some((test) => test(base))) found.push(`s3://${bucket}/${key}`);
    }
    const [, next] = /<NextContinuationToken>([^<]*)</.exec(text) ?? [];
    token = next === undefined ? undefined : unescapeXml(next);
  } while (token);
  return found.sort();
}

/** Reads an object like `readUrl`. */
export async function readS3(...[address, limits, share]: Parameters<typeof readUrl>): Promise<Uint8Array> {
  const { url, refuseAddress } = await signedUrl(address, limits);
  return readUrl(url, { ...limits, refuseAddress }, share, address);
}

function parseAddress(address: string): { bucket: string; key: string } {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)\/(.*)$/.exec(address) ?? [];
  if (bucket !== undefined) return { bucket, key };
  throw new OptionError({ where: address, found: "no address of an object", expected: "s3://bucket/key" });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
