import { lookup as resolveName } from "node:dns";
import http, { type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { ReadError } from "mobilenets";
import { version } from "../version.ts";
import type { Limits } from "./limits.ts";

const headers = {
  accept: "image/*,*/*;q=0.5",
  // The length of a compressed answer does not tell its size.
  "accept-encoding": "identity",
  "user-agent": `mobilenets/${version}`,
};

/**
 * Sends one request, and follows no redirects.
 * @param where the address as the user gave it, for errors
 * @throws ReadError if the host has an address that the limits refuse
 */
export async function get(url: URL, where: string, limits: Limits, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // Node does not look up addresses.
  if (isIP(host)) check(host, where, limits);
  const options: RequestOptions = { headers, signal, lookup: checkedLookup(where, limits), agent: false };
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === "https:" ? https : http;
    request(url, options, resolve).on("error", reject).end();
  });
}

/**
 * Resolves a name, and returns its addresses only if the limits allow all of them. The connection uses these addresses,
 * so a later change of the name cannot evade the check.
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
