import { lookup as resolveName } from "node:dns";
import http, { type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { ReadError } from "mobilenets";
import { version } from "../version.ts";
import type { Limits } from "./limits.ts";

const headers = {
  accept: "image/*,*/*;q=0.5",
  // It asks for no compression, as the length of a compressed answer does not tell its size.
  "accept-encoding": "identity",
  "user-agent": `mobilenets/${version}`,
};

/**
 * The answer to one request, redirects not followed.
 * @param where the address as the user gave it, for errors
 * @throws ReadError if the host's name leads to an address that the limits refuse
 */
export async function get(url: URL, where: string, limits: Limits, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // Addresses are not looked up.
  if (isIP(host)) check(host, where, limits);
  const options: RequestOptions = { headers, signal, lookup: checkedLookup(where, limits), agent: false };
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === "https:" ? https : http;
    request(url, options, resolve).on("error", reject).end();
  });
}

/**
 * Resolves a name and hands over its addresses only if all of them may be asked. The connection goes to these very
 * addresses, so a name whose addresses change meanwhile gains nothing.
 */
export function checkedLookup(where: string, limits: Limits, resolve = resolveName): LookupFunction {
  return (name, options, done) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [], 0);
      try {
        for (const { address } of addresses) check(address, where, limits, name);
      } catch (refused) {
        return done(refused as Error, [], 0);
      }
      const [first] = addresses;
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}

function check(address: string, where: string, { refuseAddress }: Limits, name = address): void {
  const kind = refuseAddress(address);
  if (kind === undefined) return;
  throw new ReadError({
    where,
    found: `leads to ${name === address ? address : `${name}, ${address}`} (${kind})`,
    expected: "an address of the public internet",
    hint: "--allow-private fetches from everywhere",
  });
}
