import assert from "node:assert/strict";
import { test } from "node:test";
import { zipSync } from "fflate";
import {
  type Picklable,
  pickledCall,
  timmState,
  torchArchive,
  torchFile,
  torchLegacyFile,
  torchPickle,
} from "../../../../../test/support/torch-file.ts";
import { WeightsError } from "../../errors.ts";
import { type Tensor, tensor } from "../../tensor.ts";
import { readWeightFile } from "../read.ts";
import { isPytorchFile } from "./detect.ts";
import { readPytorch } from "./read.ts";

const noFiles = () => Promise.reject(new Error("no such file"));
const read = async (bytes: Uint8Array, where = "x.pth") => readPytorch(bytes, where, noFiles);

const state = timmState("mobilenet_v1", { classes: 3, alpha: 0.05, flavor: "timm" });
const prefixed = (prefix: string) => new Map([...state].map(([name, value]) => [prefix + name, value]));

test("finds the state dict in a checkpoint, and its names behind a wrapper's", async () => {
  const plain = await read(torchFile(state));
  assert.equal(plain.network, "mobilenet_v1");
  assert.equal(Object.keys(plain.tensors).length, state.size);
  const checkpoints: Picklable[] = [
    prefixed("module."),
    prefixed("_orig_mod."),
    prefixed("module._orig_mod."),
    new Map<string, Picklable>([
      ["epoch", 3],
      ["state_dict", state],
      ["best", null],
    ]),
    new Map<string, Picklable>([
      ["model_state_dict", prefixed("module.")],
      ["losses", [1, 2]],
    ]),
    ...["model.", "net.", "backbone.", "encoder.", "base_model.", "model._orig_mod.", "module.model."].map(prefixed),
    // A single tensor, as PyTorch's ImageNet example stores its best accuracy.
    new Map<string, Picklable>([
      ["best_acc1", tensor([])],
      ["state_dict", prefixed("model.")],
    ]),
    ...["net", "model_state", "weights", "ema", "state_dict_ema"].map((key) => new Map([[key, state]])),
    new Map([["ema", new Map([...prefixed("module."), ["n_averaged", tensor([])]])]]),
    new Map<string, Picklable>([
      ["model", state],
      ["optimizer", new Map([["state", tensor([2])]])],
    ]),
  ];
  for (const checkpoint of checkpoints) assert.deepEqual(await read(torchFile(checkpoint)), plain);
  const criterion = new Map([...prefixed("model."), ["criterion.weight", tensor([3])]]);
  const { notes, ...file } = await read(torchFile(new Map([["state_dict", criterion]])));
  assert.deepEqual(file, plain);
  assert.deepEqual(notes, ['a tensor beside the network is left out: "criterion.weight"']);
});

test("of plain and averaged weights the plain ones are taken, which is said, or those asked for", async () => {
  const averaged = new Map([...state].map(([name, { data, shape }]) => [name, { data: data.map((x) => -x), shape }]));
  const both = torchFile(
    new Map<string, Picklable>([
      ["state_dict_ema", averaged],
      ["state_dict", state],
    ]),
  );
  const { notes, ...file } = await read(both);
  assert.deepEqual(file, await read(torchFile(state)));
  assert.match(notes?.join() ?? "", /those of "state_dict"; "state_dict_ema" has averaged ones: load with stateDict/);
  const asked = await readPytorch(both, "x.pth", noFiles, { stateDict: "state_dict_ema" });
  assert.deepEqual(asked, await read(torchFile(averaged)));
  const missing = async () => readPytorch(both, "x.pth", noFiles, { stateDict: "teacher" });
  await assert.rejects(missing, /a dict of .*expected tensors by name, or a state dict as "teacher"/);
});

test("updates counted by norms are passed over, other names are not", async () => {
  const counted = new Map([...state, ["bn1.num_batches_tracked", tensor([], [5])]]);
  assert.equal((await read(torchFile(counted))).network, "mobilenet_v1");
  await refused(torchFile(new Map([...state, ["bn9.weight", tensor([1])]])), /has "bn9\.weight" besides/);
});

async function refused(bytes: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(
    read(bytes),
    (error) => error instanceof WeightsError && message.test(error.message),
    `${message}`,
  );
}

test("what a checkpoint holds instead of a state dict is named", async () => {
  await refused(torchFile([1, 2]), /x\.pth: a list, expected a dict of tensors/);
  await refused(torchFile(new Map()), /an empty dict, expected tensors by name, or a state dict as "state_dict"/);
  await refused(
    torchFile(
      new Map([
        ["epoch", 1],
        ["weights", 2],
      ]),
    ),
    /a dict of "epoch", "weights", expected/,
  );
  await refused(
    torchFile(new Map([["fc.weight", tensor([2])]])),
    /tensors by the names "fc\.weight", expected those of a MobileNet/,
  );
});

test("code in a pickle is refused, and does not run", async () => {
  const harmful: [module: string, name: string][] = [
    ["os", "system"],
    ["posix", "system"],
    ["subprocess", "Popen"],
    ["builtins", "exec"],
    ["torch.hub", "load"],
  ];
  for (const [module, name] of harmful) {
    const bytes = torchArchive(pickledCall(module, name, "echo harmed"));
    await refused(bytes, new RegExp(`x\\.pth: data\\.pkl: a reference to Python's "${module}\\.${name}"`));
  }
  const whole = torchArchive(pickledCall("torchvision.models.mobilenetv2", "MobileNetV2", ""));
  await refused(whole, /this is a whole pickled module, .*torch\.save\(model\.state_dict\(\)/);
});

test("a state dict is found at any key, and beside others of its kind", async () => {
  const deep = torchFile(new Map<string, Picklable>([["state", new Map([["generator", state]])]]));
  assert.deepEqual(await read(deep), await read(torchFile(state)));
  const two = torchFile(
    new Map<string, Picklable>([
      ["generator", state],
      ["critic", new Map([...state, ["classifier.bias", tensor([3], [7, 7, 7])]])],
    ]),
  );
  const { notes, ...file } = await read(two);
  assert.deepEqual(file, await read(torchFile(state)));
  assert.deepEqual(notes, ['the weights are those of "generator"; "critic" has others: load with stateDict to choose']);
  const asked = await readPytorch(two, "x.pth", noFiles, { stateDict: "critic" });
  assert.equal(Object.values(asked.tensors).at(-1)?.data[0], 7);
});

test("of several networks in one state dict one is taken, and said", async () => {
  const prefixed = (prefix: string, bias: number) =>
    [...state].map(([name, value]) => [
      `${prefix}.${name}`,
      name === "classifier.bias" ? tensor([3], [bias, bias, bias]) : value,
    ]) as [string, Tensor][];
  const both = torchFile(new Map([["state_dict", new Map([...prefixed("teacher", 1), ...prefixed("student", 2)])]]));
  const bias = async (stateDict?: string) => {
    const { tensors, notes } = await readPytorch(both, "x.pth", noFiles, { stateDict });
    return [Object.values(tensors).at(-1)?.data[0], notes?.join()];
  };
  // The student is the trained network.
  const note = 'the weights are those of "student"; "teacher" has others: load with stateDict to choose';
  assert.deepEqual(await bias(), [2, note]);
  assert.deepEqual(await bias("teacher"), [1, undefined]);
});

test("the format before PyTorch 1.6 reads as today's", async () => {
  const bytes = torchLegacyFile(new Map([["state_dict", state]]));
  assert.deepEqual(await read(bytes), await read(torchFile(state)));
  assert.ok(isPytorchFile(bytes, "x"));
});

test("broken files of the format before PyTorch 1.6 are refused", async () => {
  const bytes = Buffer.from(torchLegacyFile(state));
  await refused(
    bytes.subarray(0, -1),
    /x\.pth: \d+ bytes, expected at least \d+, for storage "\d+": is the file complete/,
  );
  await refused(bytes.subarray(0, 25), /within an instruction/);
  const other = Buffer.from(bytes);
  other[18] ^= 1;
  await refused(other, /of another version, expected version 1001/);
  const last = [...state.values()].at(-1) as Tensor;
  const count = bytes.length - 4 * last.data.length - 8;
  assert.equal(bytes.readBigInt64LE(count), BigInt(last.data.length));
  bytes.writeBigInt64LE(2n ** 40n, count);
  await refused(bytes, /storage "\d+" whose size differs/);
  await refused(torchLegacyFile(state, torchPickle(new Map()).pickle), /a storage that no tensor uses/);
  await refused(torchLegacyFile(state, pickledCall("os", "system", "echo harmed")), /Python's "os\.system"/);
});

test("older formats are refused with advice", async () => {
  const tar = Buffer.alloc(1024);
  tar.write("ustar", 257);
  await refused(
    tar,
    /a tar archive, the first format of torch\.save, expected a zip archive.*save it again.*torch\.save/,
  );
  await refused(pickledCall("os", "system", "true"), /a bare pickle, expected a zip archive.*state dict/);
  const script = zipSync({ "m/data.pkl": Buffer.from("N."), "m/constants.pkl": Buffer.from("N.") }, { level: 0 });
  await refused(script, /a TorchScript module.*torch\.jit\.load/);
});

test("archives that torch.save does not write are refused", async () => {
  await refused(zipSync({ "a/version": Buffer.from("3") }, { level: 0 }), /a zip archive with 0 data\.pkl, expected 1/);
  const two = { "a/data.pkl": Buffer.from("N."), "b/data.pkl": Buffer.from("N.") };
  await refused(zipSync(two, { level: 0 }), /with 2 data\.pkl/);
  const big = { "a/data.pkl": Buffer.from("N."), "a/byteorder": Buffer.from("big") };
  await refused(zipSync(big, { level: 0 }), /big-endian/);
  await refused(torchArchive(Buffer.alloc(2 ** 21 + 1)), /a pickle of 2097153 bytes, expected at most/);
  const bomb = zipSync({ "a/data.pkl": [Buffer.alloc(5e7), { level: 9 }] });
  await refused(bomb, /entries of 50000000 bytes, unpacked, expected at most/);
});

test("files of torch.save's are told by their content, or by it and their name", async () => {
  const file = torchFile(state);
  assert.ok(isPytorchFile(file, "x"));
  const bare = Buffer.from("8002 4e2e".replace(" ", ""), "hex");
  assert.ok(isPytorchFile(bare, "x.pth") && !isPytorchFile(bare, "x.bin2"));
  const other = zipSync({ "config.json": Buffer.from("{}") }, { level: 0 });
  assert.ok(isPytorchFile(other, "x.pt") && !isPytorchFile(other, "x.keras"));
  assert.ok(!isPytorchFile(new Uint8Array(), "x.pth") && !isPytorchFile(Uint8Array.of(0x50, 0x4b, 3, 4), "x"));
  assert.equal((await readWeightFile(file)).network, "mobilenet_v1");
});
