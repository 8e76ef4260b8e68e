import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { ReadCompanion } from "../format.ts";
import type { Entry, GraphProto, TensorProto } from "./schema.ts";

/** The data location of a tensor in another file. */
const EXTERNAL = 1;

/**
 * Loads a graph's constants from another file, as PyTorch's exporter writes them since 2.9.
 * @throws WeightsError for a file that cannot be read, is in another folder, or ends too early
 */
export async function withExternalData(
  graph: GraphProto,
  where: string,
  readCompanion: ReadCompanion,
): Promise<GraphProto> {
  const files = new Map<string, Promise<Source>>();
  const initializer: TensorProto[] = [];
  for (const tensor of graph.initializer) {
    if (tensor.dataLocation !== EXTERNAL) {
      initializer.push(tensor);
      continue;
    }
    const here = `${where}: ${show(tensor.name ?? "")}`;
    const location = entry(tensor.externalData, "location") ?? "";
    if (location === "") throw new WeightsError({ where: here, found: "data in a file without a name" });
    const file = files.get(location) ?? open(location, where, readCompanion);
    files.set(location, file);
    initializer.push({ ...tensor, dataLocation: 0, externalData: [], rawData: cut(await file, tensor, here) });
  }
  return { ...graph, initializer };
}

interface Source {
  readonly bytes: Uint8Array;
  /** Bytes that may still be read. Without a limit, tensors that share bytes could become any multiple of the file. */
  left: number;
}

async function open(location: string, where: string, readCompanion: ReadCompanion): Promise<Source> {
  try {
    const bytes = await readCompanion(location);
    return { bytes, left: bytes.length };
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeightsError(
      {
        where,
        found: `weights in a separate file, ${show(location)}, which cannot be read (${reason})`,
        hint: `keep it beside the model, or join the two: onnx.save_model(onnx.load(${show(where)}), "joined.onnx")`,
      },
      { cause },
    );
  }
}

function cut(source: Source, { externalData }: TensorProto, where: string): Uint8Array {
  const { bytes } = source;
  const begin = Number(entry(externalData, "offset") ?? 0);
  const length = Number(entry(externalData, "length") ?? bytes.length - begin);
  const isInside = Number.isSafeInteger(begin) && Number.isSafeInteger(length) && begin >= 0 && length >= 0;
  if (!isInside || begin + length > bytes.length) {
    const found = `data from byte ${begin}, ${length} bytes, in a file of ${bytes.length}`;
    throw new WeightsError({ where, found, hint: "do the two files belong together?" });
  }
  source.left -= length;
  if (source.left < 0) throw new WeightsError({ where, found: "data that overlaps that of other tensors" });
  return bytes.subarray(begin, begin + length);
}

function entry(entries: readonly Entry[], key: string): string | undefined {
  return entries.find((candidate) => candidate.key === key)?.value;
}
