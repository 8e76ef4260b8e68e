import type { Texts } from "./texts.ts";

/** Texts of the device view. */
export const deviceStrings = {
  device: { en: "Your device", zh: "您的设备" },
  deviceText: {
    en: "What this browser has to compute with, and how long each network takes for one picture.",
    zh: "这个浏览器有哪些计算能力，以及每个网络处理一张图片要多久。",
  },
  found: { en: "What was found", zh: "检测结果" },
  finding: { en: "Looking", zh: "正在检测" },
  "has.simd": { en: "SIMD, 128 bits", zh: "SIMD，128 位" },
  "has.relaxedSimd": { en: "Relaxed SIMD: multiply and add in one", zh: "宽松 SIMD：乘加合一" },
  "has.dotProduct": { en: "Dot product of 8-bit integers", zh: "8 位整数点积" },
  "has.threads": { en: "Threads", zh: "线程" },
  "has.widening": { en: "256 bits at a time", zh: "一次 256 位" },
  yes: { en: "yes", zh: "有" },
  no: { en: "no", zh: "没有" },
  "dot.none": { en: "no", zh: "没有" },
  "dot.signed": { en: "yes, signed by signed, exact", zh: "有，有符号乘有符号，精确" },
  "dot.unsigned": { en: "yes, signed by unsigned, exact (VNNI)", zh: "有，有符号乘无符号，精确（VNNI）" },
  "dot.saturating": { en: "yes, in steps of 16 bits that overflow", zh: "有，经 16 位中间值，会溢出" },
  threadsFound: {
    en: "{threads} of {processors} are used",
    zh: "共 {processors} 个，使用 {threads} 个",
  },
  threadsNone: {
    en: "one: this page is not cross-origin isolated. Reload it once; the page then asks for isolation itself.",
    zh: "一个：本页没有跨源隔离。请刷新一次，本页会自行请求隔离。",
  },
  wideningYes: { en: "yes: {times} times as fast where it applies", zh: "有：可用之处快到 {times} 倍" },
  wideningNo: {
    en: "no: this browser does 128 bits at a time (measured, {times} times)",
    zh: "没有：这个浏览器一次 128 位（实测 {times} 倍）",
  },
  times: { en: "Milliseconds for one picture", zh: "每张图片的毫秒数" },
  timesText: {
    en: "224 x 224 pixels, float32, medians. The published times are those of our benchmarks: Chromium 156 on 2 virtual cores of an AMD EPYC, a shared machine. A dash: not published. Other work on your device makes the times longer.",
    zh: "224 x 224 像素，float32，取中位数。公布的时间来自我们的基准测试：Chromium 156，AMD EPYC 的 2 个虚拟核心，共享机器；横线表示没有公布。设备上的其他任务会使时间变长。",
  },
  measure: { en: "Measure", zh: "测量" },
  measured: { en: "{done} of {all} measured", zh: "已测 {done} / {all}" },
  oneThread: { en: "here, 1 thread", zh: "本机，1 个线程" },
  moreThreads: { en: "here, {threads} threads", zh: "本机，{threads} 个线程" },
  publishedOne: { en: "published, 1 thread", zh: "公布，1 个线程" },
  publishedTwo: { en: "published, 2 threads", zh: "公布，2 个线程" },
  badMeasurement: { en: "{network} could not be measured. {error}", zh: "无法测量 {network}。{error}" },
} as const satisfies Texts;
