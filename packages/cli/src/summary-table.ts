import type { LayerSummary, Summary } from "mobilenets/graph";
import { grouped, table } from "./table.ts";

/** A layer with the block it belongs to; null before the first block and after the last. */
export interface SummaryRow extends LayerSummary {
  readonly block: string | null;
}

/** All layers, with a line of totals. */
export function layerLines(totals: Summary["totals"], layers: readonly SummaryRow[]): string[] {
  const header = ["layer", "block", "type", "output shape", "params", "MACs"];
  const rows = layers.map(({ name, block, type, outputShape, params, macs }) => [
    name,
    block ?? "",
    type,
    outputShape.join("x"),
    grouped(params),
    grouped(macs),
  ]);
  return table([header, ...rows, ["total", "", "", "", grouped(totals.params), grouped(totals.macs)]], "llllrr");
}

/** What of a network's parameters training changes. */
export function trainableLine({ params, trainable }: Summary["totals"]): string {
  return `${grouped(trainable)} parameters are trainable, ${grouped(params - trainable)} are not (moving statistics)`;
}
