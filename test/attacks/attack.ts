import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Hostile files that lie beside a clone, one for each kind of fault found; their README says what each does. */
export const FIXTURES = fileURLToPath(new URL("../../../shared/fixtures/attacks", import.meta.url));
const SHUFFLED = fileURLToPath(new URL("../golden/keras/packed/gzip.h5", import.meta.url));

export interface Attack {
  readonly name: string;
  readonly kind: "picture" | "weights";
  /** A path or URL. */
  readonly address: string;
  /** What the error says. */
  readonly message: RegExp;
}

export interface Answer {
  readonly error?: { readonly name: string; readonly message: string; readonly ours: boolean };
  readonly ms: number;
  /** Of all threads, which a busy machine does not change. */
  readonly cpuMs: number;
  /** The most the whole process held. */
  readonly megabytes: number;
}

/** Kills it after so many milliseconds: far more than it may take, so that a busy machine changes nothing. */
const KILL_AFTER = 10_000;

/** Opens the file in a process of its own. @returns undefined if that had to be killed, or died */
export async function answerTo({ kind, address }: Attack): Promise<Answer | undefined> {
  const flags = ["--import", "tsx", "--conditions", "source"];
  const program = fileURLToPath(new URL("./child.ts", import.meta.url));
  const child = spawn(process.execPath, [...flags, program, kind, address], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let answer: Answer | undefined;
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface(child.stdout)) {
    if (line === "ready") timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER);
    else answer = JSON.parse(line) as Answer;
  }
  clearTimeout(timer);
  await closed;
  return answer;
}

/** What a shard of a TensorFlow.js model may be called to lead elsewhere. */
const escapes = (inside: string) => [" /etc/passwd", "\u0001/etc/passwd", ".\t./x", ` ${inside}/admin`];
const PIXELS = /content of an unknown format, expected JPEG/;
const COMPANION = /"[^"]*(passwd|x|admin)[^"]*".*folder|outside|beside/;

export interface Attacks {
  readonly all: readonly Attack[];
  /** What the site inside was asked for, which nobody may ask. */
  readonly asked: readonly string[];
  close(): void;
}

/** All of them, written to `dir` as far as the fixtures say how to make them, and served. */
export async function openAttacks(dir: string): Promise<Attacks> {
  const asked: string[] = [];
  const models = new Map<string, Buffer>();
  const inside = createServer(({ url = "" }, response) => {
    asked.push(url);
    response.end("secret");
  });
  const site = createServer(({ url = "" }, response) => {
    if (!models.has(url)) asked.push(url);
    response.end(models.get(url));
  });
  const [insideUrl, siteUrl] = await Promise.all(
    [inside, site].map(async (server) => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }),
  );
  const all: Attack[] = [];
  for (const file of ["svg-filter.svg", "svg-huge.svg"]) {
    for (const name of [file, `${file}.png`, `${file}.jpg`]) {
      await copyFile(join(FIXTURES, file), join(dir, name));
      all.push({ name, kind: "picture", address: join(dir, name), message: PIXELS });
    }
  }
  for (const [file, message] of [
    ["stride.5.safetensors", /strides/],
    ["padfrac.safetensors", /padding/],
  ] as const) {
    all.push({ name: file, kind: "weights", address: join(FIXTURES, file), message });
  }
  const wide = join(dir, "shuffle.h5");
  await writeFile(wide, withWideShuffles(await readFile(SHUFFLED)));
  all.push({ name: "mkshuffle.py of gzip.h5", kind: "weights", address: wide, message: /shuffle/ });

  const original = await readFile(join(FIXTURES, "tfjs-escape/model.json"), "utf8");
  const [{ paths }] = (JSON.parse(original) as { weightsManifest: { paths: string[] }[] }).weightsManifest;
  for (const [i, path] of [...paths, ...escapes(insideUrl)].entries()) {
    const model = JSON.parse(original) as { weightsManifest: { paths: string[] }[] };
    model.weightsManifest[0]!.paths = [path];
    const file = join(dir, `model-${i}.json`);
    await writeFile(file, JSON.stringify(model));
    models.set(`/${i}/model.json`, await readFile(file));
    for (const address of [file, pathToFileURL(file).href, `${siteUrl}/${i}/model.json`]) {
      const name = `tfjs-escape ${JSON.stringify(path.replace(insideUrl, "http://inside"))} by ${/^\w+:/.exec(address)?.[0] ?? "path"}`;
      all.push({ name, kind: "weights", address, message: COMPANION });
    }
  }
  const close = () => {
    for (const server of [inside, site]) server.close();
  };
  return { all, asked, close };
}

/** What `mkshuffle.py` does: the element width of every shuffle filter becomes 2^32 - 1. */
function withWideShuffles(file: Buffer): Buffer {
  const bytes = Buffer.from(file);
  let found = 0;
  for (let i = 0; i < bytes.length - 24; i++) {
    // A filter message: id 2, length of its name, flags, one value; the name, padded to 8; the value.
    const nameLength = bytes.readUInt16LE(i + 2);
    if (bytes.readUInt16LE(i) !== 2 || ![0, 8].includes(nameLength)) continue;
    if (bytes.readUInt16LE(i + 4) > 1 || bytes.readUInt16LE(i + 6) !== 1) continue;
    const at = i + 8 + nameLength;
    if (bytes.readUInt32LE(at) !== 4) continue;
    if (nameLength === 8 && bytes.toString("latin1", i + 8, i + 15) !== "shuffle") continue;
    bytes.writeUInt32LE(0xffffffff, at);
    found++;
  }
  if (found === 0) throw new Error("no shuffle filter in the file");
  return bytes;
}
