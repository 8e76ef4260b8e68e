import type { Exported, ExportFormat } from "../worker/teacher/api.ts";

export interface Known extends Omit<Exported, "file"> {
  /** Names in output order. */
  readonly classes: readonly string[];
}

const list = (values: readonly (number | string)[]) => `[${values.map((v) => JSON.stringify(v)).join(", ")}]`;

/** JavaScript that reads the pixels of a picture's middle square. */
const pixels = ({ width, height, cropFraction, crop }: Known) => {
  const share = crop === "center" ? cropFraction : 1;
  return `// The middle of the picture, as the network learnt from it.
const picture = await createImageBitmap(file);
const side = ${share} * Math.min(picture.width, picture.height);
const context = new OffscreenCanvas(${width}, ${height}).getContext("2d");
context.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, ${width}, ${height});
const { data } = context.getImageData(0, 0, ${width}, ${height});`;
};

/** Code that uses each file format, with the model's numbers. */
export const snippets: Readonly<Record<ExportFormat, (known: Known) => string>> = {
  module: ({ name }) => `<!-- the file beside the page is all it needs -->
<script type="module">
  import { classify } from "./${name}";

  // A File, a Blob, an <img>, <video> or <canvas>, or an address.
  const [best] = await classify("picture.jpg");
  document.body.append(best.label);
</script>`,

  safetensors: ({ name }) => `// npm install mobilenets
import { load } from "mobilenets";

const model = await load("${name}"); // in a page its URL, or a File
const [best] = await model.classify("picture.jpg");
console.log(best.label, best.probability);`,

  tflite: ({
    name,
    width,
    height,
    mean,
    std,
    classes,
    crop,
    cropFraction,
  }) => `# pip install ai-edge-litert pillow numpy
import numpy as np
from PIL import Image
from ai_edge_litert.interpreter import Interpreter

labels = ${list(classes)}
picture = Image.open("picture.jpg").convert("RGB")
side = ${crop === "center" ? cropFraction : 1} * min(picture.size)
left, top = (picture.width - side) / 2, (picture.height - side) / 2
square = picture.resize((${width}, ${height}), box=(left, top, left + side, top + side))
values = (np.asarray(square, np.float32) - ${list(mean)}) / ${list(std)}

network = Interpreter("${name}")
network.allocate_tensors()
network.set_tensor(network.get_input_details()[0]["index"], values[None].astype(np.float32))
network.invoke()
answer = network.get_tensor(network.get_output_details()[0]["index"])[0]
print(labels[answer.argmax()], answer.max())`,

  onnx: (known) => `// npm install onnxruntime-web
import { InferenceSession, Tensor } from "onnxruntime-web";

const labels = ${list(known.classes)};
const mean = ${list(known.mean)};
const std = ${list(known.std)};
${pixels(known)}
const size = ${known.width * known.height};
const values = new Float32Array(3 * size); // channels first
for (let i = 0; i < size; i++) {
  for (let c = 0; c < 3; c++) values[c * size + i] = (data[4 * i + c] - mean[c]) / std[c];
}

const network = await InferenceSession.create("${known.name}");
const input = new Tensor("float32", values, [1, 3, ${known.height}, ${known.width}]);
const { [network.outputNames[0]]: answer } = await network.run({ [network.inputNames[0]]: input });
const best = answer.data.indexOf(Math.max(...answer.data));
console.log(labels[best], answer.data[best]);`,

  tfjs: (known) => `// Unpack ${known.name}; npm install @tensorflow/tfjs
import * as tf from "@tensorflow/tfjs";

const labels = ${list(known.classes)}; // labels.json has them too
${pixels(known)}
const network = await tf.loadLayersModel("model.json");
const answer = tf.tidy(() => {
  const pixels = tf.tensor3d(data, [${known.height}, ${known.width}, 4], "float32").slice([0, 0, 0], [-1, -1, 3]);
  return network.predict(pixels.sub(${list(known.mean)}).div(${list(known.std)}).expandDims()).dataSync();
});
const best = answer.indexOf(Math.max(...answer));
console.log(labels[best], answer[best]);`,
};
