import { availableParallelism } from "node:os";
import type { Limits } from "./limits.ts";
import { UnreadableRow } from "./machine-error.ts";
import { MemoryBudget, type Share } from "./memory-budget.ts";
import { type BadPicture, isBad, type OpenedPicture, openPicture } from "./open.ts";
import type { Input } from "./walk.ts";

/** Opens pictures ahead of their use. */

/** Most pictures of a batch to read ahead. They keep all decoders busy while a batch runs. */
const MOST_AHEAD = 64;

/** A picture, and the share of memory that it holds until the share is closed. */
export interface HeldPicture {
  readonly item: OpenedPicture | BadPicture;
  readonly share: Share;
}

/**
 * Opens pictures in order, and the next ones ahead: about one batch, within the memory budget.
 * @throws MachineError if the machine fails, or many files in a row cannot be read
 */
export async function* openAhead(
  paths: Iterable<Input>,
  batchSize: number,
  limits: Limits,
): AsyncGenerator<HeldPicture, void, undefined> {
  const budget = new MemoryBudget(limits.memoryBytes);
  const ahead = Math.min(batchSize, MOST_AHEAD) + availableParallelism();
  const unreadable = new UnreadableRow(limits);
  for await (const held of inOrder(paths, ahead, budget, limits)) {
    if (isBad(held.item) && held.item.unreadable) unreadable.add(held.item.path, held.item.error.message);
    else unreadable.end();
    yield held;
  }
}

async function* inOrder(
  paths: Iterable<Input>,
  ahead: number,
  budget: MemoryBudget,
  limits: Limits,
): AsyncGenerator<HeldPicture, void, undefined> {
  const queue: { readonly share: Share; readonly item: Promise<OpenedPicture | BadPicture> }[] = [];
  const next = async (): Promise<HeldPicture> => {
    const { share, item } = queue.shift() as (typeof queue)[number];
    share.want();
    return { share, item: await item };
  };
  for (const path of paths) {
    const share = budget.open();
    const item = typeof path === "string" ? openPicture(path, limits, share) : Promise.resolve(path);
    // It is awaited in its turn. An unhandled failure before that would end the Node process.
    item.catch(() => {});
    queue.push({ share, item });
    if (queue.length >= ahead) yield await next();
  }
  while (queue.length > 0) yield await next();
}
