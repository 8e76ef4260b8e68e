import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "mobilenets/search";
import { random } from "../../../mobilenets/src/random.ts";
import { HalfRows, vectorsOf } from "./half-rows.ts";
import { layOutLandmarks, onSquare, placeAll } from "./layout.ts";
import { GRID, levelsOf } from "./levels.ts";
import { chooseLandmarks, nearestLandmarks, nearestRows } from "./neighbours.ts";
import { trustworthiness } from "./trust.ts";

const [COUNT, DIM, GROUPS] = [400, 24, 8];
const tick = async () => {};

/** Groups of vectors around distant centres. */
function folderOf(count: number) {
  const next = random(5);
  const centres = Array.from({ length: GROUPS * DIM }, () => next() - 0.5);
  const matrix = Float32Array.from({ length: count * DIM }, (_, at) => {
    const [row, i] = [Math.floor(at / DIM), at % DIM];
    return centres[(row % GROUPS) * DIM + i] + 0.3 * (next() - 0.5);
  });
  return {
    ...{ dim: DIM, paths: Array.from({ length: count }, (_, i) => `${i}.jpg`), matrix },
    async *blocks() {
      for (let from = 0; from < count; from += 150) {
        yield { from, vectors: matrix.slice(from * DIM, Math.min(count, from + 150) * DIM) };
      }
    },
  };
}

const folder = folderOf(COUNT);
const rows = await HalfRows.read(folder, tick);

async function layOut(seed: number) {
  const next = random(seed);
  const landmarks = chooseLandmarks(COUNT, 80, next);
  const toLandmarks = await nearestLandmarks(rows, landmarks, 16, tick);
  const places = await layOutLandmarks(rows, landmarks, toLandmarks, next, tick);
  return { landmarks, toLandmarks, places: placeAll(COUNT, landmarks, places, toLandmarks, next) };
}

test("landmarks are different rows, and the same for the same numbers", () => {
  const chosen = chooseLandmarks(1000, 90, random(1));
  assert.equal(new Set(chosen).size, 90);
  assert.deepEqual(chosen, chosen.toSorted());
  assert.ok(chosen[89] < 1000);
  assert.deepEqual(chooseLandmarks(1000, 90, random(1)), chosen);
  assert.equal(chooseLandmarks(7, 90, random(1)).length, 7);
});

test("neighbours are those of an exact search, but for a few", async () => {
  const { landmarks, toLandmarks } = await layOut(1);
  const found = await nearestRows(rows, landmarks, toLandmarks, 5, tick);
  const exact = await nearest(vectorsOf(folder.matrix, DIM), vectorsOf(folder.matrix, DIM), { k: 6 });
  let hits = 0;
  for (let row = 0; row < COUNT; row++) {
    const own = [...found.indices.subarray(row * 5, row * 5 + 5)];
    assert.ok(!own.includes(row) && new Set(own).size === 5);
    const wanted = exact[row].filter(({ index }) => index !== row);
    hits += wanted.filter(({ index }) => own.includes(index)).length;
    const best = found.similarities[row * 5];
    assert.ok(best <= 1 && best >= found.similarities[row * 5 + 4]);
  }
  assert.ok(hits / (5 * COUNT) > 0.97, String(hits / (5 * COUNT)));
});

test("a map is to be trusted, one at random is not; the same seed gives the same", async () => {
  const { places } = await layOut(1);
  const next = random(9);
  const trust = (await trustworthiness(rows, places, random(2), tick))!;
  const atRandom = (await trustworthiness(rows, places.map(next), random(2), tick))!;
  assert.ok(trust > 0.93 && trust <= 1, String(trust));
  assert.ok(atRandom > 0.4 && atRandom < 0.6, String(atRandom));
  assert.deepEqual((await layOut(1)).places, places);
  assert.notDeepEqual((await layOut(2)).places, places);
});

test("trustworthiness is Venna's and Kaski's: 1 where the map is the data", async () => {
  const [count, dim] = [60, 2];
  const angles = Array.from({ length: count }, (_, i) => 0.02 * i);
  const circle = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  const line = {
    ...folderOf(count),
    dim,
    blocks: async function* () {
      yield { from: 0, vectors: circle };
    },
  };
  const half = await HalfRows.read(line, tick);
  const straight = Float32Array.from(angles.flatMap((angle) => [angle, 0]));
  const trust = await trustworthiness(half, straight, random(1), tick);
  // Float16 mixes up equally distant neighbours on both sides.
  assert.ok(trust! > 0.995, String(trust));
});

test("few and equal pictures have places too", async () => {
  for (const count of [1, 2, 3, 6]) {
    const same = {
      ...folderOf(count),
      blocks: async function* () {
        yield { from: 0, vectors: new Float32Array(count * DIM).fill(1) };
      },
    };
    const half = await HalfRows.read(same, tick);
    const landmarks = chooseLandmarks(count, 4000, random(1));
    const toLandmarks = await nearestLandmarks(half, landmarks, 32, tick);
    const found = await nearestRows(half, landmarks, toLandmarks, 12, tick);
    assert.equal(found.each, Math.min(12, count - 1));
    const places = onSquare(await layOutLandmarks(half, landmarks, toLandmarks, random(1), tick));
    assert.ok(
      places.every((x) => x >= 0 && x <= 1),
      String(places),
    );
  }
});

test("levels: one picture a cell, those seen from afar stay, and in the end all are seen", () => {
  const next = random(3);
  const places = Float32Array.from({ length: 2 * 3000 }, () => next() ** 2);
  const { order, ends } = levelsOf(places);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    [...Array(3000).keys()],
  );
  assert.equal(ends.at(-1), 3000);
  const cellOf = (row: number, cells: number) =>
    Math.floor(places[2 * row + 1] * cells) * cells + Math.floor(places[2 * row] * cells);
  for (const [level, end] of ends.entries()) {
    const cells = GRID * 2 ** level;
    const all = new Set(Array.from({ length: 3000 }, (_, row) => cellOf(row, cells)));
    const seen = new Set(Array.from(order.subarray(0, end), (row) => cellOf(row, cells)));
    assert.equal(seen.size, all.size);
    if (level === 0) assert.equal(end, all.size);
  }
});

test("all on one point: the last level shows them", () => {
  assert.equal(levelsOf(new Float32Array(200).fill(0.5)).ends.at(-1), 100);
});
