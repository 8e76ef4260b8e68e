import type { Graph } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { shapesOf } from "../graph/shapes.ts";
import { summarise } from "../graph/summary.ts";
import { type Shape, sizeOf } from "../tensor.ts";

/** Bytes of a float32. */
const BYTES = 4;

/** Ops computed while a layer reads or writes its numbers; they touch no more bytes. */
const onTheWay: ReadonlySet<string> = new Set(
  [activation, batchNormalization, dropout, rescaling, reshape, zeroPadding2d].map(({ name }) => name),
);

/**
 * Bytes of memory traffic for one picture in float32, layer by layer, without a cache between two layers. A layer
 * reads each parameter once, reads its whole input and writes its whole result. Batch norm, activations, padding and
 * reshaping touch nothing. The sum of a residual block is written instead of one of its terms and only reads the
 * other.
 */
export interface MemoryTouched {
  /** Bytes of parameters. */
  readonly weights: number;
  /** Bytes of maps read. */
  readonly read: number;
  /** Bytes of maps written. */
  readonly written: number;
  /** The sum of all three. */
  readonly total: number;
}

/** Costs of a layer, a block or a network. */
export interface Costs {
  /** Parameters, including moving statistics. */
  readonly params: number;
  /** Multiply-adds for one picture, of convolutions, squeeze-and-excite and dense layers. */
  readonly macs: number;
  /** Memory traffic for one picture. */
  readonly memory: MemoryTouched;
}

/** The costs of all layers by name. */
export function layerCosts(graph: Graph): ReadonlyMap<string, Costs> {
  const shapes = shapesOf(graph);
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  /** The count of a value's numbers, as its layer wrote them. */
  const numbersOf = (value: string): number => {
    const node = byName.get(value);
    return node && onTheWay.has(node.op) ? numbersOf(node.inputs[0]) : sizeOf(shapes.get(value) as Shape);
  };
  const { layers } = summarise(graph);
  return new Map(
    graph.nodes.map(({ name, op, inputs, shape }, i) => {
      const { params, macs } = layers[i];
      const maps = onTheWay.has(op) ? [] : inputs.filter((input) => !(input in graph.params)).map(numbersOf);
      const isSum = op === add.name;
      const read = isSum ? maps[0] : maps.reduce((a, b) => a + b, 0);
      const written = isSum || onTheWay.has(op) ? 0 : sizeOf(shape);
      return [name, { params, macs, memory: bytesOf(params, read, written) }];
    }),
  );
}

function bytesOf(params: number, read: number, written: number): MemoryTouched {
  const total = BYTES * (params + read + written);
  return { weights: BYTES * params, read: BYTES * read, written: BYTES * written, total };
}

/** The costs of several layers together. */
export function sumOf(costs: Iterable<Costs>): Costs {
  let [params, macs, weights, read, written] = [0, 0, 0, 0, 0];
  for (const cost of costs) {
    params += cost.params;
    macs += cost.macs;
    weights += cost.memory.weights;
    read += cost.memory.read;
    written += cost.memory.written;
  }
  return { params, macs, memory: { weights, read, written, total: weights + read + written } };
}
