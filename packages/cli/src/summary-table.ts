import type { LayerSummary, Summary } from "mobilenets/graph";
import { grouped, table } from "./table.ts";

export function summaryLines(title: string, totals: Summary["totals"], layers: readonly LayerSummary[]): string[] {
  const header = ["layer", "type", "output shape", "params", "MACs"];
  const rows = layers.map(({ name, type, outputShape, params, macs }) => [
    name,
    type,
    outputShape.join("x"),
    grouped(params),
    grouped(macs),
  ]);
  const fixed = totals.params - totals.trainable;
  return [
    title,
    "",
    ...table([header, ...rows, ["total", "", "", grouped(totals.params), grouped(totals.macs)]], "lllrr"),
    "",
    `${grouped(totals.trainable)} parameters are trainable, ${grouped(fixed)} are not (moving statistics)`,
  ];
}
