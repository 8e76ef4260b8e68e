import { availableParallelism } from "node:os";
import { ReadError } from "mobilenets";
import type { Limits } from "./limits.ts";
import { MemoryBudget, type Share } from "./memory-budget.ts";
import { type BadPicture, isBad, type OpenedPicture, openPicture } from "./open.ts";

/** Pictures read ahead, however large a batch is: enough to keep all decoders busy while a batch runs. */
const MOST_AHEAD = 64;

/** So many files in a row that cannot be read are a disk that is gone, a network that is down, or a wrong folder. */
const MOST_UNREADABLE = 100;

/** A picture, and the memory it holds until the share is closed. */
export interface HeldPicture {
  readonly item: OpenedPicture | BadPicture;
  readonly share: Share;
}

/**
 * Opens pictures in order, the next ones ahead: as many as a batch takes, and as fit into memory.
 * @throws MachineError if the machine fails, ReadError for many files in a row that cannot be read
 */
export async function* openAhead(
  paths: Iterable<string>,
  batchSize: number,
  limits: Limits,
): AsyncGenerator<HeldPicture, void, undefined> {
  const budget = new MemoryBudget(limits.memoryBytes);
  const ahead = Math.min(batchSize, MOST_AHEAD) + availableParallelism();
  let unreadable: BadPicture[] = [];
  for await (const held of inOrder(paths, ahead, budget, limits)) {
    if (isBad(held.item) && held.item.unreadable) unreadable.push(held.item);
    else unreadable = [];
    if (unreadable.length === MOST_UNREADABLE) throw gone(unreadable);
    yield held;
  }
}

async function* inOrder(
  paths: Iterable<string>,
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
    const item = openPicture(path, limits, share);
    // It is awaited in its turn; should it fail before, node must not take that for a failure nobody looks at.
    item.catch(() => {});
    queue.push({ share, item });
    if (queue.length >= ahead) yield await next();
  }
  while (queue.length > 0) yield await next();
}

function gone(unreadable: readonly BadPicture[]): ReadError {
  const [first] = unreadable;
  return new ReadError({
    where: `${first.path} to ${unreadable[unreadable.length - 1].path}`,
    found: `${unreadable.length} pictures in a row that cannot be read; the first: ${first.error.message}`,
    hint: "is the disk still there, the host up? The same command tries them again",
  });
}
