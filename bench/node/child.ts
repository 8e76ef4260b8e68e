// The process of one contender, controlled over IPC: `child.ts <contender> <network> <threads> <models folder>`.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contender } from "../contender.ts";
import { Seat } from "../seat.ts";

export type Reply = { readonly result: unknown } | { readonly error: string };

const [name, network, threads, models] = process.argv.slice(2);

function reply(value: Promise<unknown>): void {
  const send = (message: Reply) => process.send?.(message);
  value.then(
    (result) => send({ result }),
    ({ message }: Error) => send({ error: message }),
  );
}

async function takeSeat(): Promise<Seat> {
  const { contender } = (await import(`../contenders/${name}.ts`)) as { contender: Contender };
  const source = (file: string) => join(models, network, file);
  const read = async (file: string) => new Uint8Array(await readFile(source(file)));
  return Seat.take(contender, { network, threads: Number(threads), source, read });
}

const seat = takeSeat();
reply(seat.then(({ threads }) => threads));
process.on("message", ({ method, args }: { method: "output" | "warmUp" | "time"; args: [number, number] }) => {
  reply(seat.then((seat): Promise<unknown> => seat[method](...args)));
});
