import ipaddr, { type IPv6 } from "ipaddr.js";

/**
 * The kind of an IP address outside the public internet, such as `loopback` or `private`: this machine, its network, or
 * a cloud's data about it. Undefined for public addresses.
 */
export function innerKind(address: string): string | undefined {
  // IPv4 addresses also come as IPv6 addresses, such as ::ffff:10.0.0.1.
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (parsed.kind() === "ipv4") return range === "unicast" ? undefined : range;
  const { parts } = parsed as IPv6;
  // NAT64, 64:ff9b::/96, leads to the IPv4 address in its last 32 bits.
  if (range === "rfc6052" && parts[2] === 0) {
    return innerKind([parts[6] >> 8, parts[6] & 255, parts[7] >> 8, parts[7] & 255].join("."));
  }
  // Of the addresses without a named range, only 2000::/3 is in use.
  if (range === "unicast") return parts[0] >> 13 === 1 ? undefined : "unassigned";
  return range;
}
