// Compares each kernel with a readable twin, at sizes around its tiles, on every instruction set.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runKernel } from "../../../../test/support/run-kernel.ts";
import { packConstant } from "../plan/constants.ts";
import { random } from "../random.ts";
import { roundUp } from "../round-up.ts";
import { tensor } from "../tensor.ts";
import { F32_GEMM_UNROLL, f32Dwconv, f32Gemm, panelBytes, panelsOf } from "./geometry.ts";
import { supports } from "./modules.ts";
import { ACT } from "./signatures.ts";
import type { Isa } from "./wat.ts";

const isas: readonly Isa[] = supports("relaxed") ? ["simd", "relaxed"] : ["simd"];
const next = random(1);
const numbers = (length: number) => Float32Array.from({ length }, () => 2 * next() - 1);

function close(found: Float32Array, expected: Float32Array, terms: number, what: string): void {
  found.forEach((value, i) => {
    // Each product and sum of numbers below 1 rounds once.
    const message = `${what}: [${i}] is ${value}, expected ${expected[i]}`;
    assert.ok(Math.abs(value - expected[i]) <= (terms + 1) * terms * 2 ** -24, message);
  });
}

function pack(geometry: typeof f32Gemm | typeof f32Dwconv, shape: [number, number, number, number]) {
  const kernel = tensor(shape, numbers(shape.reduce((a, b) => a * b)));
  const bias = tensor([shape[3]], numbers(shape[3]));
  const w = new Float32Array((panelsOf(geometry, shape[3]) * panelBytes(geometry, shape)) / 4);
  const constant = { kind: "panels", geometry, kernel: "kernel", bias: "bias", shape } as const;
  packConstant(constant, { kernel, bias }, new Uint8Array(w.buffer));
  return { kernel: kernel.data, bias: bias.data, w };
}

/** c[i, n] = clamp(bias[n] + sum of a[i, k] b[k, n] + r[i, n]) */
async function gemm(isa: Isa, m: number, k: number, n: number, chunks: number): Promise<void> {
  const ns = roundUp(n, 4);
  const { kernel, bias, w } = pack(f32Gemm, [1, 1, k, n]);
  const [a, r, c] = [numbers(m * k), numbers(m * ns), new Float32Array(m * ns)];
  const panels = panelsOf(f32Gemm, n);
  const operands = {
    ...{ a, aStep: 4 * k, aSkip: 0, aPitch: 4 * k * m, kh: 1 },
    ...{ k4: Math.floor(k / F32_GEMM_UNROLL), k1: k % F32_GEMM_UNROLL },
    ...{ w, panel: panelBytes(f32Gemm, [1, 1, k]), panels },
    ...{ c, cStep: 4 * ns, cSkip: 0, r, rStep: 4 * ns, width: m, m, mBlock: m, nBlock: panels, ns },
    ...{ splitN: chunks > 1 && m < 4 ? 1 : 0, act: ACT.clamp, min: -1, max: 1 },
  };
  await runKernel(isa, "f32-gemm", operands, chunks);
  const wide = new Float32Array(m * ns);
  await runKernel(isa, "f32-gemm-wide", { ...operands, c: wide, nBlock: Math.min(3, panels) }, chunks);
  assert.deepEqual(wide, c, `${isa} ${m}x${k}x${n} in ${chunks} chunks: wide tiles`);
  const expected = new Float32Array(m * n);
  const found = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = bias[j] + r[i * ns + j];
      for (let t = 0; t < k; t++) sum += a[i * k + t] * kernel[t * n + j];
      expected[i * n + j] = Math.min(1, Math.max(-1, sum));
      found[i * n + j] = c[i * ns + j];
    }
  }
  close(found, expected, k + 1, `${isa} ${m}x${k}x${n} in ${chunks} chunks`);
}

const windows = [
  ["f32-dwconv-3x3s1", 3, 1],
  ["f32-dwconv-3x3s2", 3, 2],
  ["f32-dwconv-5x5s1", 5, 1],
  ["f32-dwconv-5x5s2", 5, 2],
] as const;

for (const isa of isas) {
  test(`${isa}: f32-gemm, with every number of rows and columns around its tile`, async () => {
    const rows = 2 * f32Gemm.mr[isa] + 1;
    for (let m = 1; m <= rows; m++) {
      for (const n of [1, 4, 5, 8, 9, 17, 24, 31, 32, 33, 44]) await gemm(isa, m, 1 + ((m + n) % 9), n, 1);
    }
    for (const chunks of [2, 3, 7]) for (const m of [1, 20]) await gemm(isa, m, 5, 40, chunks);
  });

  test(`${isa}: wide tiles of depthwise windows compute what narrow ones do, to the bit`, async () => {
    for (const [name, k, stride] of windows) {
      for (const width of [1, 2, 3, 4, 7, 8, 16]) {
        for (const channels of [8, 12, 24]) {
          const [height, columns, step] = [2, (width - 1) * stride + k, 4 * channels];
          const rows = (height - 1) * stride + k;
          const { w } = pack(f32Dwconv, [k, k, 1, channels]);
          const [narrow, wide] = [0, 0].map(() => new Float32Array(height * width * channels));
          const operands = {
            ...{ a: numbers(rows * columns * channels), aStep: step, aPitch: step * columns, aImage: 0, w },
            ...{ cStep: step, cPitch: step * width, cImage: 0, images: 1, height, width, bytes: step },
            ...{ act: ACT.hardSwish, min: -Infinity, max: Infinity },
          };
          await runKernel(isa, name, { ...operands, c: narrow }, width % 2 ? 1 : 2);
          await runKernel(isa, `${name}-wide`, { ...operands, c: wide }, width % 2 ? 2 : 1);
          assert.deepEqual(wide, narrow, `${name}, width ${width}, ${channels} channels`);
          assert.ok(narrow.some((value) => value !== 0));
        }
      }
    }
  });

  test(`${isa}: f32-dwconv-3x3s1, with every width around its tile`, async () => {
    for (let width = 1; width <= 2 * f32Dwconv.mr[isa] + 1; width++) {
      for (const channels of [1, 4, 6, 9, 16]) {
        const cs = roundUp(channels, 4);
        const height = 3;
        const pitch = 4 * cs * (width + 2);
        const { kernel, bias, w } = pack(f32Dwconv, [3, 3, 1, channels]);
        const [a, c] = [numbers(((height + 2) * pitch) / 4), new Float32Array(height * width * cs)];
        const operands = {
          ...{ a, aStep: 4 * cs, aPitch: pitch, aImage: 0, w, c, cStep: 4 * cs, cPitch: 4 * cs * width, cImage: 0 },
          ...{ images: 1, height, width, bytes: 4 * cs, act: ACT.none, min: -Infinity, max: Infinity },
        };
        await runKernel(isa, "f32-dwconv-3x3s1", operands, width % 2 ? 1 : 2);
        const expected = c.map((value, i) => {
          const channel = i % cs;
          if (channel >= channels) return value;
          const [y, x] = [Math.floor(i / cs / width), Math.floor(i / cs) % width];
          let sum = bias[channel];
          for (let tap = 0; tap < 9; tap++) {
            const at = (y + Math.floor(tap / 3)) * (pitch / 4) + (x + (tap % 3)) * cs + channel;
            sum += a[at] * kernel[tap * channels + channel];
          }
          return sum;
        });
        close(c, expected, 10, `${isa} width ${width}, ${channels} channels`);
      }
    }
  });

  test(`${isa}: x8-frame fills the frame of each image with its byte, and nothing inside`, async () => {
    const map = Int8Array.from({ length: 2 * 5 * 6 }, (_, i) => (i % 100) + 1);
    const before = map.slice();
    const frame = { top: 1, bottom: 2, left: 2, right: 1 };
    await runKernel(isa, "x8-frame", { c: map, pitch: 6, images: 2, height: 5, ...frame, fill: -3 }, 2);
    map.forEach((value, i) => {
      const [y, x] = [Math.floor(i / 6) % 5, i % 6];
      const inside = y >= 1 && y < 3 && x >= 2 && x < 5;
      assert.equal(value, inside ? before[i] : -3, `row ${y}, byte ${x}`);
    });
  });
}

test("the harness finds a kernel that writes where it must not", async () => {
  const small = new Float32Array(4);
  const operands = { a: numbers(8), aStep: 32, b: numbers(8), bStep: 32, c: small, cStep: 32, rows: 1, bytes: 32 };
  await assert.rejects(runKernel("simd", "f32-add", operands), /f32-add wrote to byte 0 behind an operand/);
});
