// Tests that the fuzzer detects each kind of fault, by faults planted here.
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { WeightsError } from "../../../packages/mobilenets/src/errors.ts";
import { load, type WeightSource } from "../../../packages/mobilenets/src/load.ts";
import type { Model } from "../../../packages/mobilenets/src/model.ts";
import { writeModelFile } from "../../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { narrow, small } from "../formats/models.ts";
import { type Report, Trial, type Way, ways } from "./attempt.ts";

let planted: (source: string) => Promise<unknown>;
let trial: Trial;
const elsewhere = createServer((_, response) => response.end("secret"));
const refuse = () => Promise.reject(new WeightsError({ where: "x", found: "none" }));

before(async () => {
  trial = await Trial.start(
    (async (source: WeightSource) => (await planted(String(source))) ?? refuse()) as typeof load,
  );
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
});
after(() => {
  trial.end();
  elsewhere.close();
});

async function reportOf(fault: (source: string) => Promise<unknown>, way: Way = "path"): Promise<Report> {
  planted = fault;
  const files = { "model.bin": Uint8Array.of(1), "beside.bin": Uint8Array.of(2) };
  return trial.run({ model: "model.bin", files, changes: [] }, way);
}
const beside = (source: string, name: string) => source.replace(/model\.bin$/, name);

test("what is refused by an error of ours, having read the model's own files, has no problem", async () => {
  const inside = async (source: string) => {
    await readFile(source);
    await readFile(beside(source, "beside.bin"));
    return null;
  };
  const { result, problems } = await reportOf(inside);
  assert.deepEqual([result, problems], ["refused", []]);
  const asked = async (source: string) => (await fetch(beside(source, "beside.bin"))).text().then(() => null);
  assert.deepEqual((await reportOf(asked, "http URL")).problems, []);
});

const faults: Readonly<Record<string, readonly [(source: string) => Promise<unknown>, RegExp, Way?]>> = {
  "a file elsewhere": [() => readFile("/etc/hostname").then(() => null), /^readFile of \/etc\/hostname|^open of/],
  "a question about a file elsewhere": [() => stat("/etc/hostname").then(() => null), /^stat of \/etc\/hostname/],
  "a file above the folder": [(source) => readFile(beside(source, "../secret")).then(() => null), /secret/],
  "a link out of the folder": [(source) => readFile(beside(source, "link-out.bin")).then(() => null), /secret/],
  "a written file": [() => writeFile(join(tmpdir(), "mobilenets-fuzz-owned"), "").then(() => null), /^writeFile of/],
  "a request elsewhere": [
    () => fetch(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/admin`).then(() => null),
    /^a request to http:.*\/admin/,
  ],
  "a request above the folder": [
    (source) => fetch(beside(source, "../secret")).then(() => null),
    /^a request for \/models\/secret/,
    "http URL",
  ],
  "a changed prototype": [
    async () => {
      Object.assign(Object.prototype, { polluted: 1 });
      return null;
    },
    /^Object\.prototype\.polluted is new/,
  ],
  "an error that is none of ours": [
    () => Promise.reject(new TypeError("x is undefined")),
    /^no error of ours: TypeError/,
  ],
  "control characters": [
    () => Promise.reject(Object.assign(new WeightsError({ where: "x", found: "y" }), { message: "\u001b[2J" })),
    /^an error with control characters/,
  ],
  "a long error": [
    () => Promise.reject(Object.assign(new WeightsError({ where: "x", found: "y" }), { message: "x".repeat(50_000) })),
    /^an error of 50000 characters/,
  ],
  "a slow answer": [
    async () => {
      for (const start = process.cpuUsage(); process.cpuUsage(start).user < 1.5e6; );
      return null;
    },
    /ms of the processor/,
  ],
  "much memory": [
    async () => {
      new Uint8Array(6e8).fill(1);
      return null;
    },
    /^\d+ MB$/,
  ],
};

for (const [name, [fault, problem, way]] of Object.entries(faults)) {
  test(`${name} is found`, async () => {
    const { problems } = await reportOf(fault, way);
    assert.ok(
      problems.some((found) => problem.test(found)),
      `${JSON.stringify(problems)}`,
    );
    assert.deepEqual((await reportOf(async () => null)).problems, [], "and does not count against the next case");
  });
}

test("a model that runs otherwise than the reference says is found", async () => {
  const whole = await load(writeModelFile(small()), { threads: 1 });
  const good = await reportOf(async () => whole);
  assert.deepEqual([good.result, good.problems], ["ran", []]);
  const off = await load(writeModelFile(small()), { threads: 1 });
  const predict = off.predict.bind(off);
  Object.defineProperty(off, "predict", {
    value: async (...args: Parameters<Model["predict"]>) => {
      const answer = await predict(...args);
      answer.data[0] *= 1.01;
      return answer;
    },
  });
  assert.match((await reportOf(async () => off)).problems.join(), /^number 0 is .*, the reference's/);
});

test("a raw error of a model that was loaded is found", async () => {
  const broken = await load(writeModelFile(narrow("mobilenet_v1")), { threads: 1 });
  Object.defineProperty(broken, "embed", { value: () => Promise.reject(new RangeError("offset")) });
  assert.match(
    (await reportOf(async () => broken)).problems.join(),
    /^no error of ours from a loaded model: RangeError/,
  );
});

test("a good file is taken in every way", async () => {
  const own = writeModelFile(small());
  planted = () => load(own, { threads: 1 });
  for (const way of ways) {
    const report = await trial.run({ model: "model.bin", files: { "model.bin": own }, changes: [] }, way);
    assert.deepEqual([report.result, report.problems], ["ran", []], way);
  }
});
