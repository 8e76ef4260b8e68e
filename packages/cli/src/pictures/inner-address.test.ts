import assert from "node:assert/strict";
import { test } from "node:test";
import { innerKind } from "./inner-address.ts";

test("public addresses pass", () => {
  for (const address of ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]) {
    assert.equal(innerKind(address), undefined, address);
  }
});

test("inner ones are named, in every form they come in", () => {
  for (const [address, kind] of [
    ["127.0.0.1", "loopback"],
    ["127.9.9.9", "loopback"],
    ["0.0.0.0", "unspecified"],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["192.168.1.1", "private"],
    // Clouds serve a machine's credentials at this address.
    ["169.254.169.254", "linkLocal"],
    ["100.64.0.1", "carrierGradeNat"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["::1", "loopback"],
    ["::", "unspecified"],
    ["fe80::1", "linkLocal"],
    ["fe80::1%eth0", "linkLocal"],
    ["fd00:ec2::254", "uniqueLocal"],
    ["fec0::1", "deprecatedSiteLocal"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:a00:1", "private"],
    ["64:ff9b::10.0.0.1", "private"],
    ["64:ff9b:1::8.8.8.8", "rfc6052"],
    ["::127.0.0.1", "loopback"],
    ["::7f00:1", "unassigned"],
    ["4000::1", "unassigned"],
    ["2002:7f00:1::", "6to4"],
  ] as const) {
    assert.equal(innerKind(address), kind, address);
  }
});
