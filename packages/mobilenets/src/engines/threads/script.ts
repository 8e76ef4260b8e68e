import { ABORTED, WORD_BYTES } from "../../kernels/signatures.ts";

/**
 * Words of a pool's control block. `generation` is odd while the caller writes the other words. A worker sleeps on it,
 * and trusts what it reads only if `generation` was the same even number before and after.
 */
export const CONTROL = {
  generation: 0,
  command: 1,
  /** The executable to run. */
  attachment: 2,
  /** Number of pictures, each for one thread; 0: one picture, shared step by step. */
  pictures: 3,
  /** Address of the step list of one picture, or of the words of `WORKERS`. */
  at: 4,
  /** Number of steps in the list. */
  count: 5,
  sync: 6,
  epoch: 7,
} as const;

export const CONTROL_WORDS = 8;

export const COMMAND = { run: 1, listen: 2 } as const;

/**
 * Turns of a worker's loop before it sleeps: some tenths of a millisecond, so that it is awake for the next call of a
 * series.
 */
const SPINS = 20_000;

/**
 * A worker's script, in plain JavaScript: it becomes a Blob in a page and an evaluated script in Node (`host` is the
 * message port in both). Between commands it blocks, so that a call costs one wake-up and no message; before a message it
 * is told to listen.
 */
export const workerScript = `
const instances = new Map();
let control, rank, threads, seen = 0;
const receive = (message) => {
  if (message.control) ({ control, rank, threads } = message);
  if (message.attach !== undefined) {
    const { attach, module, memory } = message;
    instances.set(attach, { exports: new WebAssembly.Instance(module, { env: { memory } }).exports, memory });
  }
  if (message.detach !== undefined) instances.delete(message.detach);
  host.postMessage("ready");
  serve();
};
const serve = () => {
  for (;;) {
    for (let spins = 0; spins < ${SPINS} && Atomics.load(control, ${CONTROL.generation}) === seen; spins++);
    Atomics.wait(control, ${CONTROL.generation}, seen);
    const generation = Atomics.load(control, ${CONTROL.generation});
    if (generation === seen || generation & 1) continue;
    const job = control.slice();
    if (Atomics.load(control, ${CONTROL.generation}) !== generation) continue;
    seen = generation;
    if (job[${CONTROL.command}] === ${COMMAND.listen}) return;
    run(job);
  }
};
const run = (job) => {
  const { exports, memory } = instances.get(job[${CONTROL.attachment}]);
  const at = job[${CONTROL.at}], pictures = job[${CONTROL.pictures}];
  const team = [job[${CONTROL.epoch}], job[${CONTROL.sync}], 1, rank, threads];
  try {
    if (pictures) exports.pictures(at, pictures, ...team);
    else exports.work(at, job[${CONTROL.count}], ...team);
  } catch {
    Atomics.store(new Int32Array(memory.buffer, job[${CONTROL.sync}]), ${ABORTED / WORD_BYTES}, 1);
  }
};
if (host.on) host.on("message", receive);
else host.onmessage = ({ data }) => receive(data);
`;
