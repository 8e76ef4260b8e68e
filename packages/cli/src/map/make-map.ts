import { dirname, relative, resolve, sep } from "node:path";
import { randomLcg } from "d3-random";
import { printable } from "../printable.ts";
import type { VectorFolder } from "../search/vectors.ts";
import { grouped } from "../table.ts";
import { PER_SIDE, writeAtlases } from "./atlas.ts";
import type { MapFiles } from "./files.ts";
import { HalfRows } from "./half-rows.ts";
import { EPOCHS, layOutLandmarks, onSquare, type Places, placeAll } from "./layout.ts";
import { GRID, levelsOf } from "./levels.ts";
import { chooseLandmarks, type Nearest, nearestLandmarks, nearestRows, type Tick } from "./neighbours.ts";
import { mapPage } from "./page.ts";
import { trustNeighbours, trustworthiness } from "./trust.ts";

/** Settings of a map. */
export interface MapSettings {
  readonly out: string;
  /** Number of pictures that UMAP lays out. */
  readonly landmarks: number;
  /** Number of neighbours that a click shows. */
  readonly neighbours: number;
  /** Side of the small pictures, in pixels. */
  readonly thumbnail: number;
  readonly seed: number;
}

/** Called with the name and the number of steps of each phase. Returns the `Tick` for its finished steps. */
export type OnPhase = (what: string, total: number) => Tick;

export interface MadeMap {
  readonly pictures: number;
  readonly landmarks: number;
  /** Number of pictures that could not be read. */
  readonly missing: number;
  readonly trustworthiness?: number;
}

/** Nearest landmarks per row. They place the row, and their rows may be its neighbours. */
const LANDMARKS_EACH = 32;

/** Makes and writes the page. The same vectors, pictures and settings give the same page. */
export async function makeMap(
  folder: VectorFolder,
  settings: MapSettings,
  files: MapFiles,
  onPhase: OnPhase,
): Promise<MadeMap> {
  const { paths } = folder;
  const { places, nearest, landmarks, trust } = await layOut(folder, settings, onPhase);
  const { order, ends } = levelsOf(places);
  const names = Array.from(order, (row) => paths[row]);
  const tick = onPhase("small pictures", names.length);
  const small = await writeAtlases(names, settings.thumbnail, (webp) => files.addAtlas(webp), tick);
  const arrays = inOrder(order, places, nearest);
  const page = await mapPage(
    {
      names,
      base: leadTo(settings.out),
      atlases: files.addresses(),
      cell: settings.thumbnail,
      perSide: PER_SIDE,
      grid: GRID,
      ends,
      each: nearest.each,
      sizes: base64(small.sizes),
      colours: base64(small.colours),
      ...arrays,
    },
    "Map of pictures",
    summaryOf(folder, landmarks, trust),
  );
  await files.finish(page);
  return { pictures: paths.length, landmarks, missing: small.missing, trustworthiness: trust };
}

async function layOut(folder: VectorFolder, settings: MapSettings, onPhase: OnPhase) {
  // The generator expects its seed as a fraction of 2^32.
  const next = randomLcg(settings.seed / 2 ** 32);
  const count = folder.paths.length;
  const reading = onPhase("vectors", count);
  const rows = await HalfRows.read(folder, reading);
  const landmarks = chooseLandmarks(count, settings.landmarks, next);
  const toLandmarks = await nearestLandmarks(rows, landmarks, LANDMARKS_EACH, onPhase("landmarks", count));
  const nearest = await nearestRows(rows, landmarks, toLandmarks, settings.neighbours, onPhase("neighbours", count));
  const places = await layOutLandmarks(rows, landmarks, toLandmarks, next, onPhase("layout", EPOCHS));
  const all = placeAll(count, landmarks, places, toLandmarks, next);
  const trust = await trustworthiness(rows, all, next, onPhase("trustworthiness", count));
  return { places: onSquare(all), nearest, landmarks: landmarks.length, trust };
}

/** The arrays of the page, in the order of the levels. */
function inOrder(order: Uint32Array, places: Places, { each, indices, similarities }: Nearest) {
  const placeOf = new Uint32Array(order.length);
  for (const [place, row] of order.entries()) placeOf[row] = place;
  const moved = new Uint16Array(2 * order.length);
  const neighbours = new Uint32Array(each * order.length);
  const cosines = new Int16Array(each * order.length);
  for (const [place, row] of order.entries()) {
    moved[2 * place] = Math.round(65_535 * places[2 * row]);
    moved[2 * place + 1] = Math.round(65_535 * places[2 * row + 1]);
    for (let i = 0; i < each; i++) {
      neighbours[place * each + i] = placeOf[indices[row * each + i]];
      cosines[place * each + i] = Math.round(32_767 * similarities[row * each + i]);
    }
  }
  return { places: base64(moved), neighbours: base64(neighbours), similarities: base64(cosines) };
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array | Uint32Array | Int16Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

/** The relative URL from the page to the base folder of relative names. */
function leadTo(out: string): string {
  const way = relative(dirname(resolve(out)), process.cwd());
  return way === "" ? "" : `${way.split(sep).map(encodeURIComponent).join("/")}/`;
}

function summaryOf({ paths, dir, dim }: VectorFolder, landmarks: number, trust: number | undefined): string {
  const how =
    landmarks < paths.length
      ? `${grouped(landmarks)} of them laid out by UMAP, the others beside those most like them`
      : "laid out by UMAP";
  const told =
    trust === undefined
      ? ""
      : ` Trustworthiness with ${trustNeighbours(paths.length)} neighbours: ${trust.toFixed(3)} of 1.`;
  return `${paths.length === 1 ? "1 picture" : `${grouped(paths.length)} pictures`} in ${printable(dir)} by their features (${grouped(dim)} numbers), similar ones near each other: ${how}.${told}`;
}
