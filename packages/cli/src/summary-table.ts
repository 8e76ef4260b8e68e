import type { LayerSummary, Summary } from "mobilenets/graph";
import { grouped, table } from "./table.ts";

/** A layer with its block. Null for layers outside blocks. */
export interface SummaryRow extends LayerSummary {
  readonly block: string | null;
}

/** A table of all layers, with a line of totals. */
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

/** A line about the parameters that training changes. */
export function trainableLine({ params, trainable }: Summary["totals"]): string {
  return `${grouped(trainable)} parameters are trainable, ${grouped(params - trainable)} are not (moving statistics)`;
}
