/** What worker.test.ts calls in the page. */
import { load } from "../../packages/mobilenets/src/index.ts";
import { loadInWorker, type WorkerModel } from "../../packages/mobilenets/src/worker.ts";

let model: WorkerModel;

/** Labels and probabilities of a picture in each form that a page has it in, by the worker and by this thread. */
export async function forms(weights: string, url: string) {
  const here = await load(weights);
  model = await loadInWorker(weights);
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const offscreen = new OffscreenCanvas(width, height);
  const context = offscreen.getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  const image = new Image();
  image.src = url;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
  const frame = new VideoFrame(offscreen, { timestamp: 0 });
  const sources = {
    url,
    absolute: new URL(url, location.href),
    blob: await (await fetch(url)).blob(),
    bitmap,
    offscreen,
    image,
    canvas,
    frame,
    data: context.getImageData(0, 0, width, height),
  };
  const differences: Record<string, number> = {};
  for (const [name, source] of Object.entries(sources)) {
    const [a, b] = [await here.embed(source), await model.embed(source)];
    differences[name] = Math.max(...a.map((x, i) => Math.abs(x - b[i])));
  }
  const stillMine = [bitmap.width > 0, frame.codedWidth > 0];
  await model.classify([frame, bitmap], { transfer: true });
  const handedOver = [bitmap.width === 0, frame.codedWidth === 0];
  here.dispose();
  return { differences, stillMine, handedOver, labels: model.labels.length };
}

/** A canvas that changes, as a camera's track: how many frames were looked at, and how many passed over. */
export async function camera(frames: number, withProcessor: boolean) {
  const scope = globalThis as { MediaStreamTrackProcessor?: unknown };
  const processor = scope.MediaStreamTrackProcessor;
  if (!withProcessor) scope.MediaStreamTrackProcessor = undefined;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 320, height: 240 });
  document.body.append(canvas);
  const context = canvas.getContext("2d")!;
  let drawn = 0;
  const timer = setInterval(() => {
    context.fillStyle = `hsl(${drawn++ * 20} 90% 50%)`;
    context.fillRect(0, 0, 320, 240);
  }, 10);
  const [track] = canvas.captureStream(60).getVideoTracks();
  let seen = 0;
  let dropped = 0;
  for await (const watched of model.watch(track, { topK: 1 })) {
    seen += watched.result.length;
    dropped += watched.dropped;
    // A page that is slow with what it has seen.
    if (seen < frames) await new Promise((later) => setTimeout(later, 120));
    else break;
  }
  clearInterval(timer);
  track.stop();
  scope.MediaStreamTrackProcessor = processor;
  return { seen, dropped, hadProcessor: processor !== undefined };
}

/** The error of a page that may start no worker, or has no picture. */
export async function refusals(weights: string) {
  const text = (error: Error) => `${error.name} ${error.message}`;
  const none = await loadInWorker("/none.safetensors").then(() => "none", text);
  const noScript = await loadInWorker(weights, { worker: new Worker("/none.js", { type: "module" }) }).then(
    () => "none",
    text,
  );
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 0, height: 0 });
  const empty = await model.classify(canvas).then(() => "none", text);
  model.dispose();
  const ended = await model.classify("/photo.jpg").then(() => "none", text);
  return { none, noScript, empty, ended };
}
