import type { Texts } from "./texts.ts";

/** Texts of the features view. */
export const featureStrings = {
  features: { en: "Features", zh: "特征" },
  featuresText: {
    en: "The network, from the picture at the left to the answer at the right. Choose a layer to see what it makes of the picture; choose one of its maps to see which of your pictures excite it most.",
    zh: "这就是网络，从左边的图片到右边的答案。选一层，看它把图片变成什么；再选其中一张图，看您的哪些图片最能激发它。",
  },
  layers: { en: "Layers of the network", zh: "网络的各层" },
  layerLabel: {
    en: "{name}: {kind}, {height} x {width} pixels, {channels} channels",
    zh: "{name}：{kind}，{height} x {width} 像素，{channels} 个通道",
  },
  layerFacts: {
    en: "{kind}, window {kernel} x {kernel}, {params} parameters, {macs} M multiply-adds; a map of {height} x {width} pixels in {channels} channels",
    zh: "{kind}，窗口 {kernel} x {kernel}，{params} 个参数，{macs} M 次乘加；特征图 {height} x {width} 像素，{channels} 个通道",
  },
  sumFacts: {
    en: "{kind}; a map of {height} x {width} pixels in {channels} channels",
    zh: "{kind}；特征图 {height} x {width} 像素，{channels} 个通道",
  },
  "kind.standard": { en: "standard convolution", zh: "标准卷积" },
  "kind.depthwise": { en: "depthwise convolution", zh: "逐深度卷积" },
  "kind.pointwise": { en: "pointwise convolution", zh: "逐点卷积" },
  "kind.sum": { en: "sum with the block's input", zh: "与块的输入相加" },
  drawingHelp: {
    en: "As high as the map has pixels, as wide as it has channels. Arcs are residual connections.",
    zh: "高度表示特征图的像素，宽度表示通道数。弧线是残差连接。",
  },
  yourPictures: { en: "Your pictures", zh: "您的图片" },
  addToThese: { en: "Add pictures", zh: "添加图片" },
  maps: { en: "Maps of {layer}", zh: "{layer} 的特征图" },
  mapsText: {
    en: "The strongest channels first. Orange is above zero, blue below.",
    zh: "最强的通道在前。橙色大于零，蓝色小于零。",
  },
  channelLabel: { en: "channel {channel}, at most {strength}", zh: "通道 {channel}，最大 {strength}" },
  showMore: { en: "Show {count} more", zh: "再显示 {count} 个" },
  excite: { en: "What excites channel {channel} of {layer}", zh: "什么最能激发 {layer} 的通道 {channel}" },
  exciteText: {
    en: "Your pictures, the most exciting first, and where in them.",
    zh: "您的图片，最能激发它的在前，并标出位置。",
  },
  exciteStopped: {
    en: "Stopped: of {all} pictures, {done} were looked at.",
    zh: "已停止：{all} 张图片中看了 {done} 张。",
  },
  badLayer: { en: "This layer cannot be shown. {error}", zh: "无法显示这一层。{error}" },
} as const satisfies Texts;
