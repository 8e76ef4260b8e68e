import { deviceStrings } from "./strings/device.ts";
import { featureStrings } from "./strings/features.ts";
import { teachStrings } from "./strings/teach.ts";

/** Every text of the page in its two languages. `{name}` is a placeholder. Names of classes and layers are the model's. */
export const strings = {
  ...teachStrings,
  ...featureStrings,
  ...deviceStrings,
  title: { en: "MobileNets playground", zh: "MobileNets 游乐场" },
  claim: {
    en: "Show a picture to a neural network, and see what it sees, on this device.",
    zh: "把图片给神经网络看，看它看到了什么：全部在本机完成。",
  },
  privacy: { en: "No picture leaves this device.", zh: "图片不会离开本机。" },
  views: { en: "Views", zh: "视图" },
  language: { en: "中文", zh: "English" },
  languageLabel: { en: "中文: show this page in Chinese", zh: "English：用英文显示本页" },
  classify: { en: "Classify", zh: "分类" },
  why: { en: "Why it is small", zh: "为什么小" },
  similar: { en: "Similar", zh: "相似" },

  choose: { en: "Choose a picture", zh: "选择图片" },
  camera: { en: "Use the webcam", zh: "使用摄像头" },
  stopCamera: { en: "Stop the webcam", zh: "停止摄像头" },
  dropHint: {
    en: "Or drop or paste a picture anywhere on this page.",
    zh: "也可以把图片拖到本页任意位置，或直接粘贴。",
  },
  samples: { en: "Samples", zh: "示例" },
  "sample.cat": { en: "a cat", zh: "猫" },
  "sample.espresso": { en: "an espresso", zh: "浓缩咖啡" },
  "sample.sheep": { en: "sheep", zh: "羊群" },
  "sample.barn": { en: "an abandoned house", zh: "废弃的房屋" },
  "sample.mountains": { en: "mountains", zh: "山" },
  "sample.rocket": { en: "a rocket", zh: "火箭" },
  picture: { en: "The picture with the evidence for the chosen class", zh: "图片，以及支持所选类别的区域" },
  answer: { en: "What it sees", zh: "它看到了" },
  evidence: {
    en: "Colour shows where the evidence for the chosen class lies.",
    zh: "颜色表示支持所选类别的依据在哪里。",
  },
  noEvidence: { en: "This network has no class-activation map.", zh: "这个网络没有类激活图。" },
  showEvidence: { en: "Show the evidence", zh: "显示依据" },
  perPicture: { en: "for one picture", zh: "每张图片" },
  perSecond: { en: "frames a second", zh: "帧/秒" },
  model: { en: "Network", zh: "网络" },
  modelFacts: {
    en: "{name}, {params} M parameters, {macs} M multiply-adds, {height} x {width} pixels",
    zh: "{name}，{params} M 参数，{macs} M 次乘加，{height} x {width} 像素",
  },
  modelFile: { en: "Open a weight file", zh: "打开权重文件" },
  modelFormats: {
    en: "safetensors, PyTorch, Keras, TFLite or ONNX; of TensorFlow.js model.json and its shards together",
    zh: "safetensors、PyTorch、Keras、TFLite 或 ONNX；TensorFlow.js 请同时选择 model.json 和各分片",
  },
  oneThreadOnly: {
    en: "It runs on one thread here: this page is not cross-origin isolated. Reload it once; the page then asks for isolation itself.",
    zh: "这里只用一个线程：本页没有跨源隔离。请刷新一次，本页会自行请求隔离。",
  },
  loading: { en: "Loading the network", zh: "正在加载网络" },
  working: { en: "Looking", zh: "正在识别" },
  ready: { en: "Done: {label}", zh: "完成：{label}" },
  seeing: { en: "Seeing: {label}", zh: "看到：{label}" },
  dismiss: { en: "Close", zh: "关闭" },

  whyExample: { en: "108 weights become 39", zh: "108 个权重变成 39 个" },
  whyExampleText: {
    en: "A standard kernel looks at all channels at once. Depthwise-separable convolution takes two steps: depthwise, a kernel looks around in its own channel; pointwise, a 1 x 1 kernel mixes the channels of a pixel. Move the sliders.",
    zh: "标准卷积核一次看所有通道。深度可分离卷积分两步：逐深度卷积，每个核只看自己的通道；逐点卷积，1 x 1 的核混合一个像素的各通道。拖动滑块试试。",
  },
  channelsIn: { en: "Channels in", zh: "输入通道" },
  channelsOut: { en: "Channels out", zh: "输出通道" },
  window: { en: "Window", zh: "窗口" },
  standardWeights: { en: "weights, standard: {sum}", zh: "个权重，标准卷积：{sum}" },
  separableWeights: { en: "weights, separable: {sum}, {share}", zh: "个权重，深度可分离：{sum}，{share}" },
  standard: { en: "Standard", zh: "标准卷积" },
  depthwise: { en: "Step 1: depthwise", zh: "第一步：逐深度卷积" },
  pointwise: { en: "Step 2: pointwise", zh: "第二步：逐点卷积" },
  drawnSmall: {
    en: "Too many to draw: up to 4 channels in and 6 out are drawn.",
    zh: "太多，画不下：最多画 4 个输入通道和 6 个输出通道。",
  },
  whyNetwork: { en: "A whole network", zh: "整个网络" },
  network: { en: "Network", zh: "网络" },
  networkText: {
    en: "{name} has {pairs} such pairs. With a standard convolution in place of each, it would take {standard} multiply-adds for a picture in place of {separable}, {times} times as many, and {standardWeights} weights in place of {separableWeights}.",
    zh: "{name} 有 {pairs} 对这样的卷积。若都换成标准卷积，每张图片需要 {standard} 次乘加，而不是 {separable} 次，多到 {times} 倍；权重 {standardWeights} 个，而不是 {separableWeights} 个。",
  },
  pairBars: { en: "Multiply-adds of each pair", zh: "每一对的乘加次数" },
  whyBlock: { en: "The inverted residual", zh: "倒置残差" },
  blockText: {
    en: "A ResNet block is wide, narrow, wide. An inverted residual is narrow, wide, narrow: the wide part is cheap, since the convolution there is depthwise.",
    zh: "ResNet 的块是宽、窄、宽。倒置残差是窄、宽、窄：宽的部分用逐深度卷积，所以便宜。",
  },
  block: { en: "Block", zh: "块" },
  plainBlocks: {
    en: "{name} has no inverted residuals: its blocks are plain pairs.",
    zh: "{name} 没有倒置残差：它的块就是普通的一对卷积。",
  },
  kernelWeights: { en: "kernels: {weights} weights", zh: "卷积核：{weights} 个权重" },
  whyLinear: { en: "The linear bottleneck", zh: "线性瓶颈" },
  linearText: {
    en: "A spiral is written into a number of channels, ReLU sets what is negative to zero, and the spiral is read back. In few channels it is lost; in many it survives. So the narrow end of a block has no ReLU.",
    zh: "把一条螺旋线写入若干通道，ReLU 把负数变成零，再读回来。通道少，螺旋线就丢了；通道多，它能保留下来。所以块的窄端没有 ReLU。",
  },
  channels: { en: "Channels", zh: "通道" },
  before: { en: "Before", zh: "之前" },
  afterwards: { en: "Read back after ReLU", zh: "经 ReLU 后读回" },
  lost: { en: "lost: {share}", zh: "丢失：{share}" },
  whyGate: { en: "Squeeze-and-excite", zh: "挤压与激励" },
  gateText: {
    en: "It weighs channels: each is averaged to one number, two small layers make a factor of each, and the map is multiplied by its factors. In {name} that is {params} of the parameters and {macs} of the multiply-adds.",
    zh: "它给通道加权：每个通道平均成一个数，两个小层由此算出各通道的系数，再乘回特征图。在 {name} 中占参数的 {params}，占乘加的 {macs}。",
  },
  noGate: { en: "{name} has no squeeze-and-excite; MobileNetV3 has.", zh: "{name} 没有挤压与激励；MobileNetV3 有。" },

  similarText: {
    en: "Drop a folder of pictures. Choose one of them to see which are like it; on the map, like lies beside like.",
    zh: "拖入一个图片文件夹。选一张，看哪些与它相似；在地图上，相似的挨在一起。",
  },
  choosePictures: { en: "Choose pictures", zh: "选择多张图片" },
  chooseFolder: { en: "Choose a folder", zh: "选择文件夹" },
  gallery: { en: "Gallery", zh: "图库" },
  map: { en: "Map", zh: "地图" },
  show: { en: "Show as", zh: "显示方式" },
  showAll: { en: "Show all", zh: "全部显示" },
  stop: { en: "Stop", zh: "停止" },
  looked: { en: "{done} of {all} pictures looked at", zh: "已看 {done} / {all} 张图片" },
  likeThis: { en: "The most similar to {name}", zh: "与 {name} 最相似的" },
  allPictures: { en: "{count} pictures: choose one", zh: "{count} 张图片：选一张" },
  percent: { en: "{done} %", zh: "{done} %" },
  laying: { en: "Laying out the map", zh: "正在排布地图" },
  unread: {
    en: "{count} of the files cannot be read as pictures and are left out; the first: {error}",
    zh: "{count} 个文件无法作为图片读取，已略过；第一个：{error}",
  },
  noPictures: { en: "There is no picture among these files.", zh: "这些文件里没有图片。" },

  cameraRefused: {
    en: "The webcam is not allowed. Allow it in the browser's address bar, or choose a picture.",
    zh: "摄像头未获允许。请在浏览器地址栏中允许，或选择图片。",
  },
  cameraMissing: {
    en: "No webcam was found. Connect one, or choose a picture.",
    zh: "没有找到摄像头。请连接摄像头，或选择图片。",
  },
  cameraBusy: {
    en: "The webcam cannot be read; another program may use it. Close that one, or choose a picture.",
    zh: "无法读取摄像头，可能被其他程序占用。请关闭该程序，或选择图片。",
  },
  cameraEnded: {
    en: "The webcam has ended; it may be unplugged, or taken by another program. Connect it, and press the button again.",
    zh: "摄像头已停止：可能被拔出，或被其他程序占用。请重新连接，再按一次按钮。",
  },
  cameraInsecure: {
    en: "Browsers give the webcam only to https pages and to localhost. Open the page there, or choose a picture.",
    zh: "浏览器只允许 https 页面和 localhost 使用摄像头。请在那里打开本页，或选择图片。",
  },
  modelNotes: {
    en: "The weight file is open. What it does not say was assumed: {notes}",
    zh: "已打开权重文件。文件没有说明之处按惯例假定：{notes}",
  },
  memoryShort: {
    en: "Memory is short. Close other pages or programs and try again; what is on this page stays.",
    zh: "内存不足。请关闭其他页面或程序后重试；本页的内容都还在。",
  },
  noWorker: {
    en: "The part of the page that computes has ended: {error} Reload the page; if memory is short, close other pages first.",
    zh: "本页的计算部分已停止：{error} 请刷新本页；若内存不足，请先关闭其他页面。",
  },
  onlyFirst: {
    en: "{count} pictures came; this view shows one, {name}. Similar and Teach take many.",
    zh: "收到 {count} 张图片；本视图只显示一张：{name}。“相似”和“教它”可以接收多张。",
  },
  badPicture: { en: "This picture cannot be shown. {error}", zh: "无法显示这张图片。{error}" },
  badModel: {
    en: "This weight file cannot be used; the network from before stays. {error}",
    zh: "无法使用这个权重文件，仍使用原来的网络。{error}",
  },
  noModel: {
    en: "The network cannot be loaded. {error} Reload the page, or open a weight file.",
    zh: "无法加载网络。{error} 请刷新本页，或打开权重文件。",
  },
  notClassifier: {
    en: "{name} gives features and has no classes to show. Open a weight file with a classifier.",
    zh: "{name} 只给出特征，没有类别可显示。请打开带分类器的权重文件。",
  },
} as const satisfies Record<string, { readonly en: string; readonly zh: string }>;

export type Key = keyof typeof strings;
