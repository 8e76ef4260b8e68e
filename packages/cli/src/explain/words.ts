import type { Block, ConvolutionComparison, NonlinearityUse, Squeeze } from "mobilenets/graph";
import type { ComparedNetwork, ExplainedNetwork } from "./lesson.ts";
import { bytes, count, percent, product, ranges, short } from "./units.ts";

/** Paragraphs of the lesson, as plain text for the terminal and the page. */
type Paragraphs = readonly string[];

export function aboutExample({ sizes, standard, depthwise, pointwise, separable, share }: ConvolutionComparison): {
  readonly standard: Paragraphs;
  readonly separable: Paragraphs;
} {
  const { height, width, channels, filters, kernel } = sizes;
  const { standard: sum, depthwise: dw, pointwise: pw } = sumsOf({ standard, depthwise, pointwise });
  return {
    standard: [
      `A map of ${height} x ${width} pixels has ${channels} channels. A convolution turns it into ${filters} channels, with a window of ${kernel} x ${kernel} pixels.`,
      `A standard kernel looks at all ${channels} channels at once. ${filters} kernels of ${product(standard.kernelShape)} have ${sum} = ${standard.weights} weights.`,
    ],
    separable: [
      `A depthwise-separable convolution takes two steps. The depthwise step looks around: one kernel of ${kernel} x ${kernel} for each of the ${channels} channels, ${dw} = ${depthwise.weights} weights. The pointwise step mixes channels: ${filters} kernels of ${product(pointwise.kernelShape)}, ${pw} = ${pointwise.weights} weights.`,
      `Together that is ${separable.weights} weights, ${percent(share)} of ${standard.weights}. The share is 1/${filters} + 1/${kernel * kernel}: one over the output channels, plus one over the pixels of the window. With many channels a window of ${kernel} x ${kernel} costs ${kernel * kernel - 1} to ${kernel * kernel} times less.`,
      `Every weight is used once per output pixel, so multiply-adds shrink by the same share. The price: the map between the two steps is written and read again, ${separable.values} numbers in place of ${standard.values}.`,
    ],
  };
}

/** The products that give the numbers of weights. */
export function sumsOf({
  standard,
  depthwise,
  pointwise,
}: Pick<ConvolutionComparison, "standard" | "depthwise" | "pointwise">) {
  const [dh, dw] = depthwise.kernelShape;
  return {
    standard: product([standard.kernels, ...standard.kernelShape]),
    depthwise: product([dh, dw, depthwise.kernels]),
    pointwise: product([...pointwise.kernelShape, pointwise.kernels]),
  };
}

export function aboutPairs({ network, savings }: ExplainedNetwork): Paragraphs {
  const { separable, standard } = savings.network;
  return [
    `${network} has ${count(savings.pairs.length, "such pair")}. With a standard convolution in place of each, its kernels would have ${short(standard.weights)} weights in place of ${short(separable.weights)}, ${(standard.weights / separable.weights).toFixed(2)} times as many, and a picture would take ${short(standard.macs)} multiply-adds in place of ${short(separable.macs)}, ${(standard.macs / separable.macs).toFixed(2)} times as many.`,
  ];
}

export function aboutBlocks({ network, blocks }: ExplainedNetwork): Paragraphs {
  const inverted = blocks.filter(({ kind }) => kind === "inverted_residual");
  if (inverted.length === 0) {
    const activations = [...new Set(blocks.map((block) => wordFor(block.outputActivation)))].join(" and ");
    return [
      `${network} is a plain chain: each of its ${count(blocks.length, "block")} is a depthwise and a pointwise convolution, with batch norm and ${activations} after both. No block adds its input to its result.`,
    ];
  }
  const residuals = inverted.filter(({ residual }) => residual).length;
  return [
    "A ResNet block is wide, narrow, wide: a 1x1 convolution takes channels away, a 3x3 convolution looks around, and a 1x1 convolution brings the channels back. An inverted residual is narrow, wide, narrow. Its wide part is cheap, since the convolution there is depthwise.",
    "The last 1x1 convolution has no activation: the bottleneck is linear. ReLU sets negative numbers to zero, and in a map of few channels that loses what no later block can bring back.",
    `${count(residuals, "block")} of ${inverted.length} in ${network} ${residuals === 1 ? "adds" : "add"} the input to the result. That takes a stride of 1, and as many channels out as in.`,
  ];
}

export function aboutGates({ network, blocks, squeezeAndExcite, totals }: ExplainedNetwork): Paragraphs {
  const gated = blocks.filter((block): block is Block & { squeeze: Squeeze } => block.squeeze !== null);
  const gates = [...new Set(gated.map(({ squeeze }) => wordFor(squeeze.gate)))].join(" and ");
  return [
    `Squeeze-and-excite weighs channels. It averages each channel to one number. A small layer squeezes these numbers to about a quarter. A second one, with ${gates}, turns them into a factor per channel, and the map is multiplied by these factors.`,
    `${network} does so in ${count(gated.length, "block")} of ${blocks.length}. They cost ${short(squeezeAndExcite.params)} parameters (${percent(squeezeAndExcite.params / totals.params)} of the network), ${short(squeezeAndExcite.macs)} multiply-adds (${percent(squeezeAndExcite.macs / totals.macs)}), and ${bytes(squeezeAndExcite.memory.total)} of memory touched (${percent(squeezeAndExcite.memory.total / totals.memory.total)}): every gated map is read twice and written once more.`,
  ];
}

export function aboutNonlinearities({ network, nonlinearities, blocks }: ExplainedNetwork): Paragraphs {
  const all = nonlinearities.reduce((sum, { values }) => sum + values, 0);
  const swish = nonlinearities.find(({ activation }) => activation === "hard_swish");
  if (swish) {
    return [
      `Swish, x * sigmoid(x), makes deep networks more accurate, but its exponential is slow. H-swish has relu6(x + 3) / 6 in place of the sigmoid: ${swish.operations.length} simple operations for a number, where ReLU takes one. Late in a network, maps are small, so it costs little there.`,
      `These layers of ${network} have h-swish: ${placesOf(swish)}. That is ${short(swish.values)} numbers for a picture, ${percent(swish.values / all)} of all that go through a nonlinear function.`,
    ];
  }
  const names = nonlinearities.map(({ activation }) => wordFor(activation));
  const isLinear = blocks.some(({ outputActivation }) => outputActivation === "linear");
  return [
    `${network} has ${names.join(" and ")} after every convolution${isLinear ? " but those that end a block" : ""}: ${short(all)} numbers for a picture.`,
    ...(names.includes("ReLU6")
      ? ["ReLU6 is ReLU with a ceiling of 6: numbers up to 6 keep their precision in formats of few bits."]
      : []),
  ];
}

export function aboutNetworks(networks: readonly ComparedNetwork[]): Paragraphs {
  const surprise = networks
    .flatMap((one, i) => networks.slice(0, i).map((before) => [before, one] as const))
    .find(([a, b]) => b.totals.macs < a.totals.macs && b.totals.memory.total > a.totals.memory.total);
  return [
    "Memory touched is what goes through memory for one picture in float32, as if no cache kept anything from one layer to the next: every parameter is read once, every layer reads its map and writes its result. Batch norm and activations are done on the way.",
    ...(surprise
      ? [
          `Fewer multiply-adds are not always less work: ${surprise[1].network} computes less than ${surprise[0].network} and touches more memory, since wide maps are written and read inside its blocks.`,
        ]
      : []),
  ];
}

/** A block's name, or "block" with its number. */
export const blockTitle = (name: string): string => (/^\d+$/.test(name) ? `block ${name}` : name);

/** `stem, block_3 to block_10` */
export const placesOf = ({ places }: NonlinearityUse): string => ranges(places.map(({ place }) => blockTitle(place)));

const words: Readonly<Record<string, string>> = {
  hard_sigmoid: "hard sigmoid",
  hard_swish: "h-swish",
  linear: "none",
  relu: "ReLU",
  relu6: "ReLU6",
};

/** The usual spelling of an activation's name. */
export const wordFor = (activation: string): string => words[activation] ?? activation;
