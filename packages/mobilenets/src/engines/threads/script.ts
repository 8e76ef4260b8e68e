import { SYNC } from "../../kernels/signatures.ts";

/**
 * Words of a pool's control block. A worker sleeps on `generation`; when the caller raises it, the other words say
 * what to do.
 */
export const CONTROL = {
  generation: 0,
  command: 1,
  /** The executable to run. */
  slot: 2,
  /** 1: each thread has a picture, and a step list, of its own. */
  pictures: 3,
  steps: 4,
  /** Bytes from one thread's step list to the next where each has its own; `steps` is then thread 1's. */
  stride: 5,
  count: 6,
  sync: 7,
} as const;

export const CONTROL_WORDS = 8;

export const COMMAND = { run: 1, listen: 2 } as const;

/** Turns of a worker's loop before it sleeps: long enough to catch the next of a series of calls. */
const SPINS = 2000;

/**
 * What a worker runs; plain JavaScript, since it becomes a Blob in a page and an evaluated script in Node (`host` is
 * the message port in either). Between commands it blocks, so that a call costs one wake-up and no message; to
 * receive a message it is first told to listen.
 */
export const workerScript = `
const instances = new Map();
let control, thread, threads, seen = 0;
const receive = (message) => {
  if (message.control) ({ control, thread, threads } = message);
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
    const now = Atomics.load(control, ${CONTROL.generation});
    if (now === seen) continue;
    seen = now;
    if (control[${CONTROL.command}] === ${COMMAND.listen}) return;
    run(instances.get(control[${CONTROL.slot}]));
  }
};
const run = ({ exports, memory }) => {
  const steps = control[${CONTROL.steps}], count = control[${CONTROL.count}], sync = control[${CONTROL.sync}];
  try {
    if (control[${CONTROL.pictures}]) exports.run(steps + (thread - 1) * control[${CONTROL.stride}], count, 0, 1, sync, 1);
    else exports.run(steps, count, thread, threads, sync, 1);
    exports.barrier(sync, threads, 1);
  } catch {
    const words = new Int32Array(memory.buffer, sync);
    Atomics.store(words, ${SYNC.aborted / 4}, 1);
    Atomics.notify(words, ${SYNC.generation / 4});
  }
};
if (host.on) host.on("message", receive);
else host.onmessage = ({ data }) => receive(data);
`;
