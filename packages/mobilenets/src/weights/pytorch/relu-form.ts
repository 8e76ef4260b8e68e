// Whether a network has ReLU or ReLU6, where its file has the same names and shapes for both.
import type { Graph } from "../../graph/graph.ts";
import { activation } from "../../graph/ops/activation.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { is } from "../../graph/ops.ts";
import { density, normal } from "../../graph/unary-functions.ts";
import { buildGraph, type NetworkName } from "../../models/networks.ts";
import type { Flavor } from "../../models/options.ts";
import type { Tensor, TensorData } from "../../tensor.ts";
import type { WeightFile } from "../weight-file.ts";

/** What paths of torchvision's quantizable networks say. */
const QUANTIZABLE = /quant|qat\b|qnnpack/i;

/** How far the share may lie from 0 or 1, with its error, for the numbers to tell. */
const MARGIN = 0.3;

/**
 * A network of ReLU6 in the flavour with ReLU that has the same names and shapes, if the file is of that one: what the
 * batch norms have seen tells, where numbers went above 6. Where it does not, the path may, and a note says what was
 * assumed.
 *
 * @param form the flavour with ReLU
 */
export function inItsForm(file: WeightFile, form: Flavor, where: string): WeightFile {
  const network = file.network as NetworkName;
  const seen = aboveSix(buildGraph(network, file.options), file.tensors);
  const tells = seen !== undefined && seen.error < MARGIN / 3;
  if (tells && Math.abs(seen.share) < MARGIN) return file;
  const relu = { ...file, options: { ...file.options, flavor: form } };
  if (tells && Math.abs(seen.share - 1) < MARGIN) {
    return {
      ...relu,
      notes: [
        `flavor ${form} is read off the batch norms, which have seen ReLU; flavor ${file.options?.flavor} has ReLU6`,
      ],
    };
  }
  const named = QUANTIZABLE.test(where);
  const [assumed, other] = named ? [form, file.options?.flavor] : [file.options?.flavor, form];
  const note =
    `flavor ${assumed} is assumed for ${network}, with ${named ? "ReLU, as its path says" : "ReLU6"}: the file does not say ` +
    `whether it has ReLU6 or, as torchvision.models.quantization, ReLU; for ${named ? "ReLU6" : "ReLU"}, flavor ${other}`;
  return { ...(named ? relu : file), notes: [note] };
}

/** How much of what lies above 6 has come through, 0 with ReLU6 and 1 with ReLU, and the standard error of that. */
interface Share {
  readonly share: number;
  readonly error: number;
}

/**
 * A batch norm's moving mean is that of a 1x1 convolution, and so the convolution of its input's means. The input is an
 * activation of what another batch norm has shifted and scaled: taken as normally distributed, with mean beta and deviation
 * |gamma|, its mean under both activations is known. The share is the regression, by least squares over all channels, of
 * what is more than ReLU6 gives on what ReLU would give more.
 */
function aboveSix(graph: Graph, weights: Readonly<Record<string, Tensor<TensorData>>>): Share | undefined {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  let [xx, xy, yy, count] = [0, 0, 0, 0];
  for (const norm of graph.nodes) {
    const conv = nodes.get(norm.inputs[0]);
    if (!is(norm, batchNormalization) || !conv || !is(conv, conv2d)) continue;
    const bent = nodes.get(conv.inputs[0]);
    const before = bent && is(bent, activation) ? nodes.get(bent.inputs[0]) : undefined;
    if (!before || !is(before, batchNormalization)) continue;
    const of = (name: string) => weights[name].data as Float32Array;
    const [gamma, beta] = [of(`${before.name}/gamma`), of(`${before.name}/beta`)];
    const kernel = of(`${conv.name}/kernel`);
    const [mean, variance] = [of(`${norm.name}/moving_mean`), of(`${norm.name}/moving_variance`)];
    const filters = mean.length;
    const more = new Float64Array(filters);
    const expected = new Float64Array(filters);
    for (let c = 0; c < gamma.length; c++) {
      const over = meanAbove(6, beta[c], Math.abs(gamma[c]));
      const bounded = meanAbove(0, beta[c], Math.abs(gamma[c])) - over;
      for (let o = 0; o < filters; o++) {
        more[o] += kernel[c * filters + o] * over;
        expected[o] += kernel[c * filters + o] * bounded;
      }
    }
    for (let o = 0; o < filters; o++) {
      const weight = 1 / (variance[o] + norm.attrs.epsilon);
      const left = mean[o] - expected[o];
      xx += more[o] * more[o] * weight;
      xy += more[o] * left * weight;
      yy += left * left * weight;
      count++;
    }
  }
  if (!(xx > 0) || count < 2) return undefined;
  const share = xy / xx;
  return { share, error: Math.sqrt(Math.max(0, yy - share * xy) / (count - 1) / xx) };
}

/** The mean of what a normally distributed number is above `limit`. */
function meanAbove(limit: number, mean: number, deviation: number): number {
  if (!(deviation > 0)) return Math.max(mean - limit, 0);
  const at = (mean - limit) / deviation;
  return deviation * (at * normal(at) + density(at));
}
