import weights from "@mobilenets/weights-imagenet";
import { load } from "mobilenets";

const [input, canvas, list, status] = ["input", "canvas", "ol", "p"].map((name) => document.querySelector(name));

const model = await load(weights, { warmUp: true });
status.textContent = "Choose a picture. It stays in this browser.";

async function describe() {
  try {
    const picture = await createImageBitmap(input.files[0]);
    const scale = Math.min(1, 640 / picture.width);
    canvas.width = scale * picture.width;
    canvas.height = scale * picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;

    const started = performance.now();
    const predictions = await model.classify(picture, { topK: 3 });
    status.textContent = `${Math.round(performance.now() - started)} ms`;
    list.replaceChildren(
      ...predictions.map(({ label, probability }) => {
        const item = document.createElement("li");
        item.textContent = `${label}, ${Math.round(100 * probability)} %`;
        return item;
      }),
    );
  } catch (error) {
    status.textContent = error.message;
  }
}

input.addEventListener("change", describe);
// The browser may remember a choice, or the user chose before the network was loaded.
if (input.files.length > 0) describe();
