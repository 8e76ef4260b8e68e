/** What compat.test.ts calls in the page. */

import * as tf from "@tensorflow/tfjs";
import * as theirs from "@tensorflow-models/mobilenet";
import { imageClassifier } from "../../packages/mobilenets/src/ml5.ts";
import * as tmImage from "../../packages/mobilenets/src/teachablemachine.ts";
import * as mobilenet from "../../packages/mobilenets/src/tfjs-models.ts";

/** A video that stands still at a frame of the camera that Chromium makes up. */
async function videoFrame(): Promise<HTMLVideoElement> {
  const video = document.createElement("video");
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  await video.play();
  video.pause();
  // The original takes the size that the element has in the page.
  video.width = video.videoWidth;
  video.height = video.videoHeight;
  return video;
}

type Source = HTMLImageElement | HTMLCanvasElement | HTMLVideoElement | ImageData;

async function sourcesOf(url: string): Promise<Record<string, Source>> {
  const image = new Image();
  image.src = url;
  await image.decode();
  // As a page shows it: that is the size that the original takes.
  const small = new Image(90, 60);
  small.src = url;
  await small.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 150, height: 110 });
  const context = canvas.getContext("2d")!;
  context.drawImage(image, 0, 0, 150, 110);
  const data = context.getImageData(0, 0, 150, 110);
  // Half transparent on the left, where TensorFlow.js leaves alpha out.
  const faint = new ImageData(
    data.data.map((x, i) => (i % 4 === 3 && (i >> 2) % 150 < 75 ? 128 : x)),
    150,
    110,
  );
  return { image, small, canvas, data, faint, video: await videoFrame() };
}

/** How far logits of the drop-in are from those of the original, for each kind of picture; and that classes are equal. */
export async function elements(model: string, url: string) {
  await tf.setBackend("cpu");
  const config = { version: 1 as const, modelUrl: new URL(model, location.href).href };
  const [ours, original] = [await mobilenet.load(config), await theirs.load(config)];
  const differences: Record<string, number> = {};
  for (const [name, source] of Object.entries(await sourcesOf(url))) {
    differences[name] = 0;
    for (const embedding of [false, true]) {
      const [a, b] = [ours.infer(source, embedding).dataSync(), original.infer(source, embedding).dataSync()];
      differences[name] = Math.max(differences[name], ...a.map((x, i) => Math.abs(x - b[i])));
    }
    const [found, expected] = [await ours.classify(source, 5), await original.classify(source, 5)];
    if (found.length !== 5) differences[name] = 1;
    if (found.some(({ className }, i) => className !== expected[i].className)) differences[name] = 1;
  }
  // An element that is still being loaded is waited for.
  const late = new Image();
  late.src = `${url}?late`;
  const [best] = await ours.classify(late);
  ours.dispose();
  return { differences, late: best.probability > 0 };
}

/** The labels that Teachable Machine's and ml5's drop-ins give for elements. */
export async function labelled(model: string, url: string) {
  const { canvas, image } = await sourcesOf(url);
  const teachable = await tmImage.load(new URL("model.json", new URL(model, location.href)).href);
  const predictions = await teachable.predict(canvas as HTMLCanvasElement, true);
  const classifier = imageClassifier(new URL(model, location.href).href);
  const results = await classifier.classify({ elt: image as HTMLImageElement });
  teachable.dispose();
  classifier.dispose();
  return {
    classes: predictions.map(({ className }) => className),
    labels: results.map(({ label }) => `${label}`).sort(),
  };
}

/** The camera that Chromium makes up: what is on its canvas, and that it ends. */
export async function webcam() {
  const camera = new tmImage.Webcam(100, 100, true);
  await camera.setup();
  await camera.play();
  while (camera.webcam.readyState < 2) await new Promise((later) => setTimeout(later, 20));
  const { update } = camera;
  update();
  const { data } = camera.canvas.getContext("2d")!.getImageData(0, 0, 100, 100);
  const colours = new Set(Array.from({ length: 10_000 }, (_, i) => data.subarray(4 * i, 4 * i + 3).join()));
  const tracks = (camera.webcam.srcObject as MediaStream).getTracks();
  camera.stop();
  return { colours: colours.size, ended: tracks.every(({ readyState }) => readyState === "ended") };
}
