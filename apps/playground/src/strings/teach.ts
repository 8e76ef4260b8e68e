import type { Texts } from "./texts.ts";

/** Texts of the teaching view. */
export const teachStrings = {
  teach: { en: "Teach", zh: "教它" },
  teachText: {
    en: "Show a few pictures of each class, from files, folders or the webcam. The network then learns to tell the classes apart, on this device.",
    zh: "给每个类别看几张图片，来自文件、文件夹或摄像头。网络就在本机学会区分它们。",
  },
  addClass: { en: "Add a class", zh: "添加类别" },
  chooseFolders: { en: "Choose a folder of folders", zh: "选择含子文件夹的文件夹" },
  openSession: { en: "Open a session", zh: "打开会话" },
  saveSession: { en: "Save the session", zh: "保存会话" },
  className: { en: "Name of the class", zh: "类别名称" },
  newClass: { en: "Class {number}", zh: "类别 {number}" },
  classCount: { en: "{count} pictures, {held} held out", zh: "{count} 张图片，留出 {held} 张" },
  addPictures: { en: "Add pictures", zh: "添加图片" },
  record: { en: "Record", zh: "录制" },
  stopRecording: { en: "Stop recording", zh: "停止录制" },
  removeClass: { en: "Remove", zh: "移除" },
  confirmRemove: {
    en: "Remove the class {name} with its {count} pictures?",
    zh: "移除类别 {name} 和它的 {count} 张图片吗？",
  },
  removePicture: { en: "Remove {name}", zh: "移除 {name}" },
  heldOutPicture: { en: "{name}, held out", zh: "{name}，留出" },
  morePictures: { en: "and {count} more", zh: "还有 {count} 张" },
  dropHere: { en: "Drop pictures here", zh: "把图片拖到这里" },
  heldOutText: {
    en: "A quarter of the photographs of each class with three or more is held out: the network does not learn from them, and is checked with them. The frames of one recording count as one photograph.",
    zh: "每个有三张以上照片的类别留出四分之一：网络不从中学习，只用来检验。一次录制的所有帧算一张照片。",
  },

  lesson: { en: "Learn", zh: "学习" },
  mode: { en: "What learns", zh: "学习哪部分" },
  modeHead: { en: "The classifier: seconds", zh: "只学分类器：几秒钟" },
  modeBlocks: {
    en: "The last blocks too: longer, for what photographs seldom show",
    zh: "也学最后几个块：较慢，适合照片里少见的东西",
  },
  startLesson: { en: "Learn from these pictures", zh: "开始学习" },
  tooFew: { en: "Two classes with a picture each are needed.", zh: "至少需要两个各有图片的类别。" },
  "phase.head": { en: "The classifier learns", zh: "分类器在学习" },
  "phase.blocks": { en: "The last blocks learn", zh: "最后几个块在学习" },
  "phase.features": { en: "Looking at the pictures", zh: "正在看图片" },
  lessonDone: { en: "Learnt in {seconds} s.", zh: "学习用了 {seconds} 秒。" },
  lessonStopped: {
    en: "Stopped after {seconds} s: what was learnt by then stays.",
    zh: "{seconds} 秒后停止，已学到的保留。",
  },
  lessonOpened: { en: "As the session file has it.", zh: "来自会话文件。" },
  changedSince: { en: "The pictures have changed since: learn again to include that.", zh: "图片已改动：请重新学习。" },
  networkChanged: {
    en: "Another network is open now, and what was taught belongs to the one before: learn again. The pictures are kept.",
    zh: "现在打开的是另一个网络，学到的内容属于之前的网络：请重新学习。图片都还在。",
  },
  rightHeldOut: { en: "right of {count} held out", zh: "答对（共留出 {count} 张）" },
  rightLearnt: { en: "right of those it learnt from", zh: "答对（学过的图片）" },
  nothingHeldOut: {
    en: "Nothing is held out yet: with three photographs of a class, the network can be checked.",
    zh: "还没有留出图片：某个类别有三张照片后就能检验。",
  },
  accuracyChart: { en: "Share of right answers after each pass", zh: "每一遍之后答对的比例" },
  chartHeldOut: { en: "held out", zh: "留出" },
  chartLearnt: { en: "learnt from", zh: "学过" },
  confused: { en: "The most confused", zh: "最容易混淆的" },
  takenFor: { en: "{label}, taken for {predicted}", zh: "{label}，被当成 {predicted}" },
  nearlyTaken: { en: "{label}: right", zh: "{label}：答对" },
  nearest: { en: "Nearest samples", zh: "最相近的样本" },

  tryIt: { en: "Try it", zh: "试一试" },
  tryText: { en: "Choose, paste or drop a picture here.", zh: "在这里选择、粘贴或拖入图片。" },
  tryPicture: { en: "Try a picture", zh: "试一张图片" },
  triedPicture: { en: "The picture that was tried", zh: "所试的图片" },
  teachFirst: { en: "Nothing has been learnt yet.", zh: "还没有学习。" },

  takeAway: { en: "Take it with you", zh: "带走它" },
  takeAwayText: {
    en: "The network with your classes, as a file. Below is how it is used.",
    zh: "把带有您的类别的网络存成文件。下面是用法。",
  },
  format: { en: "Format", zh: "格式" },
  download: { en: "Download {name}", zh: "下载 {name}" },
  snippet: { en: "Code that uses the file", zh: "使用该文件的代码" },

  takenPictures: { en: "{done} of {all} pictures taken", zh: "已读入 {done} / {all} 张图片" },
  openingSession: { en: "Opening the session", zh: "正在打开会话" },
  sessionStopped: {
    en: "Stopped: {count} pictures of the session are not here. The file is as it was; open it again for all of them.",
    zh: "已停止：会话中有 {count} 张图片没有打开。文件没有改变，可再次打开以载入全部。",
  },
  savingSession: { en: "Saving the session", zh: "正在保存会话" },
  whichClass: {
    en: "Drop pictures on a class, or in folders named as their classes.",
    zh: "请把图片拖到某个类别上，或放在以类别命名的文件夹里。",
  },
  badLesson: { en: "The lesson ended early; the pictures are kept. {error}", zh: "学习提前结束，图片都还在。{error}" },
  badSession: {
    en: "This session cannot be opened; nothing has changed. {error}",
    zh: "无法打开这个会话，什么都没有改变。{error}",
  },
  badExport: { en: "The file cannot be written. {error}", zh: "无法写出文件。{error}" },
} as const satisfies Texts;
