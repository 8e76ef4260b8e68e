import { english, type FigureWords } from "../../../../packages/cli/src/explain/page/figure-words.ts";
import { currentLanguage } from "../language.ts";

const kinds = { standard: "标准卷积", depthwise: "逐深度卷积", pointwise: "逐点卷积" } as const;
const reads = {
  standard: "每个核读取所有通道。",
  depthwise: "每个核只读一个通道。",
  pointwise: "每个核混合一个像素的各通道。",
} as const;
/** Translated activations; names of other functions stay. */
const activations: Readonly<Record<string, string>> = { linear: "线性", hard_sigmoid: "硬 sigmoid" };

const chinese: FigureWords = {
  input: "输入",
  fromStep1: "来自第一步",
  output: "输出",
  kernels: (count) => `${count} 个核`,
  each: (size) => `每个 ${size}`,
  convolution: (kind, kernels, size, weights) =>
    `${kinds[kind]}：${kernels} 个 ${size} 的核，${weights} 个权重。${reads[kind]}`,
  resnet: "ResNet 瓶颈块",
  block: (kind, title) => `${kind === "inverted" ? "倒置残差" : "深度可分离块"}：${title}`,
  channels: (count) => `${count} 个通道`,
  depthwise: (window) => `${window} 逐深度`,
  stride: (stride) => `步长 ${stride}`,
  squeeze: "挤压",
  linear: "线性",
  activation: (name) => activations[name] ?? english.activation(name),
  plusInput: "加上输入",
  blockTitle: (title, channels) => `${title}：通道数 ${channels.join("、")}`,
  gateTitle: (sizes) => `挤压与激励：${sizes.join(" 到 ")} 个数`,
  averages: "每个通道取平均",
  numbersRead: (count) => `读取 ${count} 个数`,
  layer: (from, to, activation) => `${from} 到 ${to}，${activation}`,
  layerWeights: (kernel, biases) => `${kernel} + ${biases} 个权重`,
  timesFactor: "每个通道乘以它的系数",
};

/** The words of figures in the page's language. */
export const figureWords = (): FigureWords => (currentLanguage() === "zh" ? chinese : english);
