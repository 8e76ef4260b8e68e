import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { tensor } from "mobilenets";
import type { EpochEvent, TrainState } from "mobilenets/train";
import { writeSafetensors } from "mobilenets/weights";
import { BEST, CHECKPOINTS, LAST, prepareCheckpoints, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { Keeper } from "./keeper.ts";
import { HISTORY } from "./run-folder.ts";

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-"));
  after(() => rm(dir, { recursive: true, force: true }));
  await prepareCheckpoints(dir);
  return dir;
}

function state(step: number): TrainState {
  const record = { epoch: 0, step: 3, loss: 1.5, accuracy: Number.NaN, learningRate: 0.1 + 0.2, seconds: 2 };
  const sums = { examples: 8, loss: 1 / 3, accuracy: 5, seconds: 1 };
  return {
    tensors: { "a/kernel": tensor([2, 2], [1, 2, 3, step]), "momentum of a/kernel": tensor([1], [0.1]) },
    progress: { seed: 7, epoch: 1, batch: 2, step, sums, history: [record] },
  };
}

/** Makes the next write to `path` fail: its temporary file is a link to a device that is always full. */
async function fillDisk(path: string): Promise<void> {
  await symlink("/dev/full", `${path}.${process.pid}.tmp`);
}

test("a checkpoint comes back as it was, numbers JSON does not know included", async () => {
  const dir = await folder();
  assert.equal(await readCheckpoint(dir), undefined);
  await writeCheckpoint(dir, state(5));
  assert.deepEqual(await readCheckpoint(dir), state(5));
});

test("on a full disk training goes on, and the checkpoint before is intact", async () => {
  const dir = await folder();
  const warnings: string[] = [];
  const warn = (line: string) => void warnings.push(line);
  const keeper = new Keeper({ out: dir, history: [], modelFile: () => new Uint8Array(9), warn });
  await fillDisk(join(dir, LAST));
  await keeper.save(state(3));
  assert.match(
    warnings[0],
    /checkpoint of step 3 not written \(ENOSPC: no space left on device.*\): there is none yet, training goes on/,
  );
  await keeper.save(state(4));
  await fillDisk(join(dir, LAST));
  await keeper.save(state(5));
  assert.match(
    warnings[1],
    /checkpoint of step 5 not written .*: checkpoints\/last.safetensors of step 4 is intact, training goes on/,
  );
  assert.deepEqual(await readCheckpoint(dir), state(4));
  assert.deepEqual(
    await readdir(join(dir, CHECKPOINTS)),
    ["last.safetensors"],
    "nothing half written is left to fill it further",
  );

  const event: EpochEvent = {
    ...state(4).progress.history[0],
    best: true,
    weights: {},
    validation: { examples: 1, loss: 1, accuracy: 1, top5: 1 },
  };
  await fillDisk(join(dir, HISTORY));
  await fillDisk(join(dir, BEST));
  await keeper.epoch(event);
  assert.deepEqual(
    warnings.slice(2).map((line) => line.slice(0, 31)),
    ["history not written (ENOSPC: no", "model of the best epoch not wri"],
  );
  await keeper.epoch({ ...event, epoch: 1, best: false });
  const lines = (await readFile(join(dir, HISTORY), "utf8")).trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).epoch),
    [0, 1],
  );
});

test("what a killed run left half written is cleared away, the rest is not", async () => {
  const dir = await folder();
  await writeCheckpoint(dir, state(1));
  await writeFile(join(dir, `${LAST}.123.tmp`), "half");
  await prepareCheckpoints(dir);
  assert.deepEqual(await readdir(join(dir, CHECKPOINTS)), ["last.safetensors"]);
});

test("a file that is no checkpoint is refused", async () => {
  const dir = await folder();
  await writeFile(join(dir, LAST), writeSafetensors({ a: tensor([1]) }, { format: "pt" }));
  await assert.rejects(readCheckpoint(dir), /last\.safetensors: format pt, expected mobilenets-checkpoint-1/);
  await writeFile(join(dir, LAST), "no file");
  await assert.rejects(readCheckpoint(dir), /last\.safetensors: /);
});
