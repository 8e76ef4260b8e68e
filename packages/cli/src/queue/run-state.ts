import type { Queue } from "bullmq";
import type { Packed } from "./connection.ts";

/** The run of a queue, stored in Redis with the jobs. */
export interface RunState {
  readonly out: string;
  /** Identifies the plan. */
  readonly key: string;
  readonly parts: number;
  readonly pictures: number;
}

/** @returns undefined if no run was added */
export async function readState(queue: Queue<Packed>): Promise<RunState | undefined> {
  const client = await queue.client;
  const text = await client.get(stateKey(queue));
  return text === null || text === undefined ? undefined : (JSON.parse(text) as RunState);
}

export async function writeState(queue: Queue<Packed>, state: RunState): Promise<void> {
  const client = await queue.client;
  await client.set(stateKey(queue), JSON.stringify(state));
}

function stateKey(queue: Queue<Packed>): string {
  return `${queue.toKey("run")}:mobilenets`;
}
