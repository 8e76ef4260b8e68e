import { UMAP } from "umap-js";
import type { HalfRows } from "./half-rows.ts";
import type { Nearest, Tick } from "./neighbours.ts";

/** Lays pictures out on a plane. */

/** `[rows, 2]`: x and y of each row. */
export type Places = Float32Array;

/** Neighbours that the layout keeps near: UMAP's default. */
const NEIGHBOURS = 15;
/** Least pictures for UMAP. Fewer have no neighbourhoods. */
const FEWEST = 5;
export const EPOCHS = 300;
/** Least distance of pictures, in units of the layout. With less, they cover each other. */
const LEAST_DISTANCE = 0.4;
/** Landmarks that place a row. */
const ANCHORS = 6;

/**
 * Lays landmarks out by UMAP (McInnes et al. 2018), similar ones near each other. The library gets the neighbours and
 * the first places. By itself, it takes many minutes for the neighbours, and starts at random places, which tears
 * groups apart (Kobak and Linderman 2021).
 * @param toLandmarks nearest landmarks of all rows
 * @param next uniform numbers, 0 to below 1
 */
export async function layOutLandmarks(
  rows: HalfRows,
  landmarks: Uint32Array,
  toLandmarks: Nearest,
  next: () => number,
  tick: Tick,
): Promise<Places> {
  const { length } = landmarks;
  if (length < FEWEST) return Float32Array.from({ length: 2 * length }, (_, i) => (i % 2 === 0 ? i / 2 : 0));
  // Each landmark is its own first neighbour.
  const each = Math.min(NEIGHBOURS, Math.max(2, Math.round(Math.sqrt(length)))) + 1;
  const indices: number[][] = [];
  const distances: number[][] = [];
  for (const [place, row] of landmarks.entries()) {
    const list = neighboursOf(toLandmarks, row, place, Math.min(each, toLandmarks.each));
    indices.push(list.map(({ index }) => index));
    distances.push(list.map(({ distance }) => distance));
  }
  const nNeighbors = indices[0].length;
  const umap = new UMAP({ nComponents: 2, nNeighbors, nEpochs: EPOCHS, minDist: LEAST_DISTANCE, random: next });
  umap.setPrecomputedKNN(indices, distances);
  umap.initializeFit(indices.map(() => []));
  const places = umap.getEmbedding();
  const first = principalPlaces(rows.gather(landmarks), rows.dim, next);
  for (const [i, place] of places.entries()) [place[0], place[1]] = [first[2 * i], first[2 * i + 1]];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    await tick(epoch);
    umap.step();
  }
  return Float32Array.from(places.flat());
}

function neighboursOf({ indices, similarities, each }: Nearest, row: number, own: number, wanted: number) {
  const others = Array.from({ length: each }, (_, i) => ({
    index: indices[row * each + i],
    distance: Math.max(0, 1 - similarities[row * each + i]),
  })).filter(({ index }) => index !== own);
  return [{ index: own, distance: 0 }, ...others.slice(0, wanted - 1)];
}

const POWER_STEPS = 12;

/** The first two principal components, by power iteration. The larger is scaled to -10 to 10, as UMAP starts. */
function principalPlaces(matrix: Float32Array, dim: number, next: () => number): Places {
  const count = matrix.length / dim;
  const mean = new Float64Array(dim);
  for (let at = 0; at < matrix.length; at++) mean[at % dim] += matrix[at] / count;
  const axes: Float64Array[] = [];
  const places = new Float32Array(2 * count);
  for (let component = 0; component < 2; component++) {
    let axis = normalised(Float64Array.from({ length: dim }, () => next() - 0.5));
    const scores = new Float64Array(count);
    for (let step = 0; step <= POWER_STEPS; step++) {
      const sum = new Float64Array(dim);
      for (let row = 0; row < count; row++) {
        let score = 0;
        for (let i = 0; i < dim; i++) score += (matrix[row * dim + i] - mean[i]) * axis[i];
        scores[row] = score;
        for (let i = 0; i < dim; i++) sum[i] += (matrix[row * dim + i] - mean[i]) * score;
      }
      if (step < POWER_STEPS) axis = normalised(without(sum, axes));
    }
    axes.push(axis);
    for (let row = 0; row < count; row++) places[2 * row + component] = scores[row];
  }
  const largest = places.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-9);
  // Without noise, copies would stay on one point.
  return places.map((x) => (10 * x) / largest + 0.01 * (next() - 0.5));
}

function without(vector: Float64Array, axes: readonly Float64Array[]): Float64Array {
  const rest = Float64Array.from(vector);
  for (const axis of axes) {
    const along = axis.reduce((sum, x, i) => sum + x * rest[i], 0);
    for (let i = 0; i < rest.length; i++) rest[i] -= along * axis[i];
  }
  return rest;
}

function normalised(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((x) => x / length) : vector;
}

/**
 * Places all rows. A landmark keeps its place. Another row gets the mean of its nearest landmarks, weighted by
 * similarity, plus some noise, so copies do not cover each other.
 */
export function placeAll(
  count: number,
  landmarks: Uint32Array,
  landmarkPlaces: Places,
  { indices, similarities, each }: Nearest,
  next: () => number,
): Places {
  const places = new Float32Array(2 * count);
  const anchors = Math.min(ANCHORS, each);
  for (let row = 0; row < count; row++) {
    const from = row * each;
    const nearest = 1 - similarities[from];
    const scale = Math.max(1e-6, (1 - similarities[from + anchors - 1] - nearest) / 2);
    let [x, y, sum] = [0, 0, 0];
    for (let i = from; i < from + anchors; i++) {
      const weight = Math.exp(-(1 - similarities[i] - nearest) / scale);
      x += weight * landmarkPlaces[2 * indices[i]];
      y += weight * landmarkPlaces[2 * indices[i] + 1];
      sum += weight;
    }
    places[2 * row] = x / sum + 0.2 * (next() - 0.5);
    places[2 * row + 1] = y / sum + 0.2 * (next() - 0.5);
  }
  for (const [place, row] of landmarks.entries()) {
    places[2 * row] = landmarkPlaces[2 * place];
    places[2 * row + 1] = landmarkPlaces[2 * place + 1];
  }
  return places;
}

/** Moves and scales the places to the middle of the square from 0 to 1. Their proportions stay. */
export function onSquare(places: Places): Places {
  const bounds = [0, 1].map((axis) => {
    let [least, most] = [Infinity, -Infinity];
    for (let i = axis; i < places.length; i += 2) {
      least = Math.min(least, places[i]);
      most = Math.max(most, places[i]);
    }
    return { least, extent: most - least };
  });
  const extent = Math.max(bounds[0].extent, bounds[1].extent) || 1;
  return places.map((value, i) => {
    const { least, extent: own } = bounds[i % 2];
    return (value - least) / extent + (1 - own / extent) / 2;
  });
}
