import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { ReadError } from "mobilenets";
import { checkedLookup } from "./http-get.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { isUrl, readUrl } from "./read-url.ts";

const content = Buffer.from("a picture, let us say");
const asked: string[] = [];

const answers: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => unknown>> = {
  "/picture": (response) => response.end(content),
  "/echo": (response, { headers }) => response.end(JSON.stringify(headers)),
  "/loop": (response) => response.writeHead(302, { location: "/loop" }).end(),
  "/busy": (response) => {
    // Two tries of three fail.
    const tries = asked.filter((entry) => entry.endsWith("/busy")).length;
    if (tries % 3 === 0) response.end(content);
    else response.writeHead(tries % 3 === 1 ? 429 : 503, { "retry-after": "0" }).end();
  },
  "/lost": (response, { socket }) => {
    if (asked.filter((entry) => entry.endsWith("/lost")).length === 1) socket.destroy();
    else response.end(content);
  },
  "/lost-again": (_response, { socket }) => socket.destroy(),
  "/always-busy": (response) => response.writeHead(503, { "retry-after": "0" }).end(),
  "/busy-for-long": (response) => response.writeHead(503, { "retry-after": "3600" }).end(),
  "/missing": (response) => response.writeHead(404).end("no"),
  "/store": (response) => {
    const code = "<Code>SignatureDoesNotMatch</Code><Message>it\u2019s wrong</Message>";
    response.writeHead(403, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n${code}</Error>`);
  },
  "/large-refusal": (response) => {
    response.writeHead(400, { "content-type": "text/xml" });
    response.end(`<Error>${" ".repeat(1e6)}<Code>Late</Code></Error>`);
  },
  "/part": (response) => response.writeHead(206).end("half"),
  "/moved-nowhere": (response) => response.writeHead(302).end(),
  "/to-file": (response) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/to-inside": (response) => response.writeHead(302, { location: `http://127.0.0.2:${port}/picture` }).end(),
  "/to-rubbish": (response) => response.writeHead(302, { location: "http://[" }).end(),
  "/packed": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(content)),
  "/huge": (response) => response.writeHead(200, { "content-length": "5000000000" }).write("x"),
  "/endless": (response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536))) {}
    };
    response.on("drain", more);
    more();
  },
  "/silent": () => {},
  "/stalls": (response) => response.writeHead(200, { "content-length": "1000" }).write("x"),
  "/drips": (response) => {
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  },
  "/cut": (response) => {
    response.writeHead(200, { "content-length": "1000" }).write("x");
    setTimeout(() => response.destroy(), 50);
  },
};

const server = createServer((request, response) => {
  const url = request.url!;
  asked.push(`${request.socket.localAddress} ${url}`);
  const redirects = /^\/redirect\/(\d+)$/.exec(url)?.[1];
  if (redirects === undefined) return answers[url](response, request);
  const location = Number(redirects) > 1 ? `${Number(redirects) - 1}` : "../picture";
  response.writeHead([301, 302, 303, 307, 308][Number(redirects) % 5], { location }).end();
});
let port: number;

before(async () => {
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

/** Allows only the server's own address on this machine. */
const limits: Limits = {
  ...limitsOf(),
  refuseAddress: (address) => (address === "127.0.0.1" ? undefined : "not for this test"),
};

const share = () => new MemoryBudget(Number.POSITIVE_INFINITY).open();

const read = (path: string, some: Partial<Limits> = {}) =>
  readUrl(`http://127.0.0.1:${port}${path}`, { ...limits, ...some }, share());

async function refuses(reading: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(reading, (error: Error) => {
    assert.ok(error instanceof ReadError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

test("http and https are addresses, paths with colons are not", () => {
  for (const input of ["http://a/b", "HTTPS://a"]) assert.ok(isUrl(input), input);
  for (const input of ["http:/a", "./http://a", "ftp://a", "file:///a", "C:\\a.jpg"]) assert.ok(!isUrl(input), input);
});

test("the content comes whole, and is asked for uncompressed", async () => {
  assert.deepEqual(await read("/picture"), content);
  const headers = JSON.parse(Buffer.from(await read("/echo")).toString());
  assert.equal(headers["accept-encoding"], "identity");
  assert.match(headers["user-agent"], /^mobilenets\/\d/);
});

test("five redirects are followed, also relative ones, a sixth and a loop are not", async () => {
  assert.deepEqual(await read("/redirect/5"), content);
  await refuses(read("/redirect/6"), /\/redirect\/6: more than 5 redirects/);
  await refuses(read("/loop"), /more than 5 redirects/);
});

test("a busy server is asked three times, within the time limit, unless it says to wait for long", async () => {
  const times = (path: string) => asked.filter((entry) => entry.endsWith(path)).length;
  assert.deepEqual(await read("/busy"), content);
  assert.deepEqual(await read("/lost"), content);
  await refuses(read("/always-busy"), /HTTP status 503 Service Unavailable, expected 200: the server is busy/);
  await refuses(read("/busy-for-long"), /HTTP status 503/);
  await refuses(read("/missing"), /HTTP status 404/);
  assert.deepEqual(["/always-busy", "/busy-for-long", "/missing"].map(times), [3, 1, 1]);
  await refuses(read("/lost-again", { timeout: 200 }), /not complete after 0\.2 s/);
});

test("redirects lead to http alone", async () => {
  await refuses(read("/to-file"), /a redirect to file:\/\/\/etc\/passwd, expected an address that begins with http/);
  await refuses(read("/to-rubbish"), /a redirect to http:\/\/\[, expected/);
  await refuses(read("/moved-nowhere"), /HTTP status 302/);
});

test("an answer that is not the whole content is refused", async () => {
  await refuses(read("/missing"), /HTTP status 404 Not Found, expected 200/);
  await refuses(
    read("/store"),
    /HTTP status 403 Forbidden \(SignatureDoesNotMatch\), expected 200: is AWS_SECRET_ACCESS_KEY right\?/,
  );
  await refuses(read("/large-refusal"), /HTTP status 400 Bad Request, expected 200/);
  await refuses(read("/part"), /HTTP status 206/);
  await refuses(read("/packed"), /content-encoding gzip, expected none/);
  await refuses(read("/cut"), /cannot be fetched \(aborted\)/);
});

test("too much is refused: by what the server says, and by what it sends", async () => {
  await refuses(read("/huge"), /5000 MB, expected at most 256 MB: --max-mb raises the limit/);
  const start = performance.now();
  await refuses(read("/endless", { maxBytes: 3e6 }), /more bytes, expected at most 3 MB/);
  assert.ok(performance.now() - start < 5000);
});

test("time is limited: without an answer, without the rest of it, in all", async () => {
  await refuses(read("/silent", { idleTimeout: 100 }), /no data for 0\.1 s/);
  await refuses(read("/stalls", { idleTimeout: 100 }), /no data for 0\.1 s/);
  await refuses(read("/drips", { idleTimeout: 1000, timeout: 300 }), /not complete after 0\.3 s: --timeout/);
});

test("a server that is not there has its reason", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port: free } = closed.address() as AddressInfo;
  closed.close();
  await refuses(readUrl(`http://127.0.0.1:${free}/`, limits, share()), /cannot be fetched \(connect ECONNREFUSED/);
  await refuses(readUrl("http://[/", limits, share()), /no valid address, expected an address that begins with http/);
});

test("inner addresses are not asked, however they are written", async () => {
  const before = asked.length;
  for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:7f00:1]", "0.0.0.0"]) {
    const reading = readUrl(`http://${host}:${port}/picture`, limitsOf(), share());
    await refuses(reading, /\((loopback|unspecified)\), expected an address of the public internet: --allow-private/);
  }
  assert.equal(asked.length, before);
  const reading = readUrl(`http://127.0.0.1:${port}/picture`, limitsOf({ allowPrivate: true }), share());
  assert.deepEqual(await reading, content);
});

test("a redirect to an inner address is not followed", async () => {
  await refuses(read("/to-inside"), /\/to-inside: leads to 127\.0\.0\.2 \(not for this test\)/);
  assert.ok(!asked.some((entry) => entry.startsWith("127.0.0.2 ")));
});

test("of a name's addresses every one is checked, and only checked ones are handed over", async () => {
  const lookup = (addresses: { address: string; family: number }[], all: boolean) =>
    new Promise((resolve, reject) => {
      const resolveName = ((_name: string, _options: unknown, done: (error: null, found: object[]) => void) =>
        done(null, addresses)) as never;
      checkedLookup("the address", limitsOf(), resolveName)("host.example", { all }, (error, found, family) => {
        if (error) reject(error);
        else resolve([found, family]);
      });
    });
  const outer = { address: "8.8.8.8", family: 4 };
  const inner = { address: "10.0.0.7", family: 4 };
  assert.deepEqual(await lookup([outer], true), [[outer], undefined]);
  assert.deepEqual(await lookup([outer], false), ["8.8.8.8", 4]);
  await refuses(
    lookup([outer, inner], true),
    /the address: leads to host\.example, 10\.0\.0\.7 \(private\), expected an address of the public internet/,
  );
});
