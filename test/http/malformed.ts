import { createConnection } from "node:net";
import sharp from "sharp";
import { blackPng } from "../cli/pictures.ts";
import { below, pick, type Rng } from "../fuzz/dice.ts";

/** A request that a server must refuse. */
export interface Malformed {
  readonly kind: string;
  /** All that goes over the connection. */
  readonly bytes: Buffer;
  /** The statuses that are right; undefined: a connection that ends without an answer is right as well. */
  readonly statuses: readonly (number | undefined)[];
}

/** What requests are made of, for a server that takes bodies of at most `maxBody` bytes. */
export interface Material {
  readonly picture: Buffer;
  readonly bomb: Buffer;
  readonly maxBody: number;
}

/** A picture, and one of 400 megapixels in 50 kB. */
export async function material(maxBody: number): Promise<Material> {
  const flat = sharp({ create: { width: 64, height: 48, channels: 3, background: "teal" } });
  return { picture: await flat.jpeg().toBuffer(), bomb: blackPng(20_000, 20_000), maxBody };
}

const ROUTES = ["/v1/classify", "/v1/embed"];

/** A whole HTTP/1.1 request. Headers of one's own replace those that are made. */
function request(
  path: string,
  body: Buffer,
  headers: Readonly<Record<string, string | number>>,
  method = "POST",
): Buffer {
  const all = { host: "server", connection: "close", "content-length": body.length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}

const json = (path: string, text: string) => request(path, Buffer.from(text), { "content-type": "application/json" });

function form(path: string, parts: readonly (readonly [headers: string, content: Buffer])[], cut = 0): Buffer {
  const pieces = parts.flatMap(([headers, content]) => [Buffer.from(`--b\r\n${headers}\r\n\r\n`), content, CRLF]);
  const whole = Buffer.concat([...pieces, Buffer.from("--b--\r\n")]);
  const type = { "content-type": "multipart/form-data; boundary=b" };
  return request(path, whole.subarray(0, whole.length - cut), type);
}

const CRLF = Buffer.from("\r\n");
const FILE = 'content-disposition: form-data; name="image"; filename="a.jpg"\r\ncontent-type: image/jpeg';

const INSIDE = ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "0x7f000001", "2130706433", "0"];
const PATHS = [
  "/../../etc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/v1/../../etc/passwd",
  "//etc/passwd",
  "/v1/classify%00",
];
const TYPES = ["text/plain", "application/xml", "application/octet-stream", "video/mp4", "text/html; charset=utf-7"];
const GARBAGE_LINES = ["GET", "POST /v1/classify", "\u0000\u0001\u0002", "GET / HTTP", "POST /v1/classify HTTP/9.9"];
const BAD_JSON = [
  "{",
  "[]",
  "null",
  "1",
  '"a"',
  "{}",
  '{"images":[]}',
  '{"images":{}}',
  '{"base64":1}',
  '{"base64":"&"}',
];

type Make = (rng: Rng, path: string, of: Material) => readonly [bytes: Buffer, ...statuses: (number | undefined)[]];

/** Every kind of request, with what varies drawn. */
const kinds: Readonly<Record<string, Make>> = {
  "form cut": (rng, path, { picture }) => [form(path, [[FILE, picture]], 5 + below(rng, picture.length)), 400],
  "form without a picture": (_, path) => [form(path, []), 400],
  "field of another name": (rng, path, { picture }) => [
    form(path, [[FILE.replace('"image"', `"image${below(rng, 1e6)}"`), picture]]),
    400,
  ],
  "boundary missing": (_, path, { picture }) => [
    request(path, picture, { "content-type": "multipart/form-data" }),
    400,
    415,
  ],
  "more pictures than the queue": (rng, path, { picture }) => [
    form(
      path,
      Array.from({ length: 70 + below(rng, 100) }, () => [FILE, picture] as const),
    ),
    413,
  ],
  "body shorter than its header says": (rng, path, { picture }) => [
    request(path, picture, { "content-type": "image/jpeg", "content-length": picture.length + 1 + below(rng, 1000) }),
    400,
    408,
    undefined,
  ],
  "body too large": (rng, path, { maxBody }) => [
    request(path, Buffer.alloc(maxBody + 1 + below(rng, 1000)), { "content-type": "image/png" }),
    413,
    undefined,
  ],
  "another type": (rng, path, { picture }) => [request(path, picture, { "content-type": pick(rng, TYPES) }), 415],
  "no body": (_, path) => [request(path, Buffer.alloc(0), { "content-type": "image/jpeg" }), 400],
  "noise for a picture": (rng, path) => [
    request(path, Buffer.from(Array.from({ length: 1 + below(rng, 5000) }, () => below(rng, 256))), {
      "content-type": "image/jpeg",
    }),
    422,
  ],
  "picture cut": (rng, path, { picture }) => [
    request(path, picture.subarray(0, 1 + below(rng, 200)), { "content-type": "image/jpeg" }),
    422,
  ],
  "bomb of pixels": (_, path, { bomb }) => [request(path, bomb, { "content-type": "image/png" }), 422],
  "compressed body": (_, path, { picture }) => [
    request(path, picture.subarray(0, 50), { "content-type": "application/json", "content-encoding": "gzip" }),
    400,
    415,
  ],
  "program for a picture": (rng, path) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/>${" ".repeat(below(rng, 99))}</svg>`;
    return [request(path, Buffer.from(svg), { "content-type": "image/svg+xml" }), 422];
  },
  "JSON of another shape": (rng, path) => [json(path, pick(rng, BAD_JSON)), 400],
  "JSON nested deeply": (rng, path) => [json(path, "[".repeat(1000 + below(rng, 100_000))), 400],
  "JSON with prototypes": (_, path) => [json(path, '{"__proto__":{"base64":"AAAA"}}'), 400],
  "base64 of no picture": (rng, path) => [
    json(path, JSON.stringify({ base64: Buffer.from(`${below(rng, 1e9)}`).toString("base64") })),
    422,
  ],
  "address inside": (rng, path) => [
    json(path, JSON.stringify({ url: `http://${pick(rng, INSIDE)}:${1 + below(rng, 65_535)}/` })),
    422,
  ],
  "address of a file": (_, path) => [json(path, JSON.stringify({ url: "file:///etc/passwd" })), 422],
  "path out of the server": (rng) => [request(pick(rng, PATHS), Buffer.alloc(0), {}, "GET"), 400, 404],
  "another method": (rng, path) => [request(path, Buffer.alloc(0), {}, pick(rng, ["GET", "PUT", "DELETE"])), 404, 405],
  "number out of range": (rng, _, { picture }) => [
    request(`/v1/classify?top=${pick(rng, ["0", "-1", "1e9", "NaN", "5&top=6", "%00", "101"])}`, picture, {
      "content-type": "image/jpeg",
    }),
    400,
  ],
  "huge headers": (rng, path) => [
    request(path, Buffer.alloc(0), { "x-much": "a".repeat(20_000 + below(rng, 200_000)) }),
    431,
    undefined,
  ],
  "header of a line break": (_, path) => [request(path, Buffer.alloc(0), { "x-a": "b\nc: d\n\ne" }), 400],
  "chunks that are none": (rng, path) => [
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: server\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n${pick(rng, ["zz", "-1", "ffffffffffffffffff"])}\r\nabc\r\n`,
    ),
    400,
  ],
  "two lengths": (_, path) => [
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: server\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ),
    400,
  ],
  "no HTTP": (rng) => [Buffer.from(`${pick(rng, GARBAGE_LINES)}\r\n\r\n`), 400, 415],
};

export const kindCount = Object.keys(kinds).length;

/** The request of a number: kinds take turns, what varies comes from `rng`. */
export function malformed(i: number, rng: Rng, of: Material): Malformed {
  const [kind, make] = Object.entries(kinds)[i % kindCount];
  const [bytes, ...statuses] = make(rng, pick(rng, ROUTES), of);
  return { kind, bytes, statuses };
}

/**
 * Sends bytes as they are, and what is cut short ends the connection.
 * @returns the status of the answer, undefined for a connection that ended without one
 * @throws Error if the server neither answers nor ends the connection in time
 */
export function statusOf(port: number, { bytes, statuses }: Malformed, timeout: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = createConnection({ port, host: "127.0.0.1" }, () => {
      // Where more is expected, nothing else ends the wait.
      if (statuses.includes(undefined)) socket.end(bytes);
      else socket.write(bytes);
    });
    const done = () => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
      resolve(status === undefined ? undefined : Number(status));
      socket.destroy();
    };
    socket.setTimeout(timeout, () => {
      reject(new Error(`no answer in ${timeout} ms, and the connection stays open`));
      socket.destroy();
    });
    socket.setEncoding("latin1").on("data", (text) => {
      answer += text;
    });
    // A server that refuses a body may end the connection while it is still being sent.
    socket.on("error", done).on("close", done);
  });
}
