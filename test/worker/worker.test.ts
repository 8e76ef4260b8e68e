// A model in a thread gives what it gives here, and its errors are ours.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import {
  EngineError,
  ImageError,
  type ImageSource,
  load,
  type Model,
  OptionError,
  type Picture,
  ReadError,
  tensor,
} from "mobilenets";
import { shippedWeights } from "mobilenets/weights";
import { loadInWorker, type WorkerModel } from "mobilenets/worker";
import { checkBuild } from "../cli/check-build.ts";
import { waves } from "../compat/pictures.ts";

const weights = shippedWeights["fashion-mnist"];
const photo = new URL("../../examples/photographs/cat.jpg", import.meta.url);
const picture = waves(60, 40);
/** The build's, as no loader of TypeScript reaches into a worker; the rest are sources. */
const script = new URL("../../packages/mobilenets/dist/platform/model-thread.js", import.meta.url);
const thread = () => ({ worker: new Worker(script, { execArgv: [] }) });
let here: Model;
let there: WorkerModel;

before(async () => {
  checkBuild();
  [here, there] = await Promise.all([load(weights), loadInWorker(weights, thread())]);
});
after(() => {
  here.dispose();
  there.dispose();
});

test("facts and results are those of load()", async () => {
  const { name, labels, inputShape, preprocessing, engine, notes, network, options } = here;
  const facts = { name, labels, inputShape, preprocessing, engine, notes, network, options };
  for (const [key, value] of Object.entries(facts)) assert.deepEqual(there[key as "name"], value, key);
  assert.equal(there.labelOf(99), "class 99");
  const sources: ImageSource[] = [picture, photo, fileURLToPath(photo)];
  for (const source of sources) {
    assert.deepEqual(await there.classify(source, { topK: 3 }), await here.classify(source, { topK: 3 }));
  }
  assert.deepEqual(await there.classify(sources), await here.classify(sources));
  assert.deepEqual(await there.embed(picture), await here.embed(picture));
  assert.deepEqual(await there.embed(sources), await here.embed(sources));
  const layers = [here.layers[2].name, here.layers[5].name];
  assert.deepEqual(await there.features(picture, layers), await here.features(picture, layers));
  const input = tensor([2, ...here.inputShape]);
  input.data.fill(0.5);
  assert.deepEqual(await there.predict(input), await here.predict(input));
});

test("pixels are copied, or handed over if asked for", async () => {
  const all = new Uint8Array(3 * 60 * 40 + 1);
  all.set(picture.data, 1);
  const part: Picture = { ...picture, data: all.subarray(1) };
  const expected = await here.classify(picture);
  assert.deepEqual(await there.classify(part), expected);
  assert.deepEqual(await there.classify(part, { transfer: true }), expected);
  assert.equal(all.length, 7201);
  const whole: Picture = { ...picture, data: picture.data.slice() };
  assert.deepEqual(await there.classify([whole, whole], { transfer: true }), [expected, expected]);
  assert.equal(whole.data.length, 0);
});

test("errors are of our classes, with their parts", async () => {
  await assert.rejects(loadInWorker("none.safetensors", thread()), (error: ReadError) => {
    assert.ok(error instanceof ReadError);
    assert.match(error.where, /none.safetensors/);
    assert.match((error.cause as Error).stack ?? "", /serve|load/);
    return true;
  });
  await assert.rejects(loadInWorker("mobilenet_v1", { alhpa: 1, ...thread() } as object), OptionError);
  await assert.rejects(there.classify(picture, { topK: 0 }), /topK: 0, expected an integer >= 1/);
  await assert.rejects(there.classify("none.jpg"), ReadError);
  await assert.rejects(there.classify(7 as unknown as Picture), (error) => error instanceof ImageError);
  await assert.rejects(there.classify(new Uint8Array([1, 2, 3])), ImageError);
  await assert.rejects(there.features(picture, ["none"]), /no layer "none"/);
  await assert.rejects(there.predict(tensor([1, 2, 2, 1])), EngineError);
  // What cannot be copied.
  await assert.rejects(there.predict({ data: () => {}, shape: [] } as never), /could not be cloned/);
  assert.deepEqual(await there.classify(picture), await here.classify(picture));
});

test("a signal ends a call with its own reason, before and during it", async () => {
  const reason = new Error("enough");
  await assert.rejects(there.classify(picture, { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const pictures = Array.from({ length: 400 }, () => picture);
  const running = there.classify(pictures, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 5);
  await assert.rejects(running, reason);
  assert.equal((await there.classify([picture])).length, 1);
  const loading = new AbortController();
  const offline = loadInWorker(weights, { fetch: { signal: loading.signal }, ...thread() });
  loading.abort(reason);
  // A file of the disk may have been there before.
  await offline.then(
    (model) => model.dispose(),
    (error) => assert.equal(error, reason),
  );
});

test("watch: the latest picture wins, and those passed over are counted", async () => {
  let returned = false;
  async function* camera() {
    try {
      for (let i = 0; i < 30; i++) {
        yield { ...picture, data: picture.data.slice(), number: i };
        await new Promise((later) => setTimeout(later, 2));
      }
    } finally {
      returned = true;
    }
  }
  const seen: number[] = [];
  let passedOver = 0;
  const run = async (frame: ImageSource) => {
    await new Promise((later) => setTimeout(later, 20));
    return (frame as unknown as { number: number }).number;
  };
  for await (const { result, dropped } of there.watch(camera(), { run })) {
    seen.push(result);
    passedOver += dropped;
  }
  assert.ok(seen.length >= 2 && seen.length < 30, `${seen}`);
  assert.equal(seen[0], 0);
  assert.equal(seen.at(-1), 29);
  assert.equal(seen.length + passedOver, 30);
  assert.ok(returned);
  returned = false;
  for await (const { result, dropped } of there.watch(camera(), { topK: 1 })) {
    assert.deepEqual(result, await here.classify(picture, { topK: 1 }));
    assert.equal(dropped, 0);
    break;
  }
  await new Promise((later) => setTimeout(later, 10));
  assert.ok(returned);
});

test("watch: a stream that waits is left, a signal ends it, an error comes through", async () => {
  let cancelled = 0;
  const stream = () =>
    new ReadableStream({
      start: (c) => c.enqueue({ ...picture, data: picture.data.slice() }),
      cancel: () => void cancelled++,
    });
  for await (const { result } of there.watch(stream())) {
    assert.equal(result.length, 5);
    break;
  }
  assert.equal(cancelled, 1);
  const controller = new AbortController();
  const reason = new Error("over");
  setTimeout(() => controller.abort(reason), 50);
  const look = async () => {
    for await (const { result } of there.watch(stream(), { signal: controller.signal })) assert.ok(result);
  };
  await assert.rejects(look(), reason);
  assert.equal(cancelled, 2);
  async function* broken() {
    yield picture;
    throw new Error("no camera");
  }
  await assert.rejects(async () => {
    for await (const { result } of there.watch(broken())) assert.ok(result);
  }, /no camera/);
  await assert.rejects(there.watch(7 as never).next(), /watch: 7, expected a MediaStreamTrack/);
});

test("dispose ends calls under way and later ones; so does a thread that dies", async () => {
  const model = await loadInWorker(weights, thread());
  const running = model.classify(picture);
  model.dispose();
  await assert.rejects(running, /dispose\(\).*load the model again/);
  await assert.rejects(model.classify(picture), OptionError);
  const worker = new Worker("setTimeout(() => process.exit(3), 20); setInterval(() => {}, 1000)", { eval: true });
  await assert.rejects(loadInWorker(weights, { worker }), (error: EngineError) => {
    assert.ok(error instanceof EngineError);
    assert.match(error.message, /worker: a thread that has ended: it exited with code 3, ?.*|ended/);
    return true;
  });
  await once(new Worker("process.exit(0)", { eval: true }), "exit");
});

test("options are those of load(), and a program that forgets its model ends", async () => {
  const model = await loadInWorker("mobilenet_v1", {
    weights: "random",
    alpha: 0.25,
    inputShape: [32, 32, 3],
    ...thread(),
  });
  const same = await load("mobilenet_v1", { weights: "random", alpha: 0.25, inputShape: [32, 32, 3] });
  assert.deepEqual(await model.embed(picture), await same.embed(picture));
  same.dispose();
  model.dispose();
  const script = `import { loadInWorker } from "mobilenets/worker";
    const model = await loadInWorker(${JSON.stringify(weights)});
    const { length } = await model.embed({ data: new Uint8Array(300), width: 10, height: 10, channels: 3 });
    console.log(length > 0);`;
  // Here the build starts it by itself.
  const args = ["--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  assert.equal(stdout, "true\n");
});
