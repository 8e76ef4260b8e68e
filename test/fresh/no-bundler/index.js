import { load } from "./mobilenets/index.js";
import weights from "./weights/index.js";

// The test has measured what the page loaded.
const asked = new Promise((resolve) => document.addEventListener("others", resolve, { once: true }));

async function ask(door, load) {
  const model = await load(await door);
  const [{ label, className = label, probability }] = await model.classify("coffee.png");
  return { label: className, probability };
}

const shown = document.querySelector("#answer");
try {
  const model = await load(weights);
  const [{ label, probability }] = await model.classify("coffee.png");
  shown.textContent = JSON.stringify({ label, probability });
  shown.dataset.others = "";
  shown.className = "done";
  await asked;
  const worker = await ask(import("./mobilenets/worker.js"), ({ loadInWorker }) => loadInWorker(`${weights}`));
  const compat = await ask(import("./mobilenets/tfjs-models.js"), ({ load }) => load({ modelUrl: weights }));
  shown.dataset.others = JSON.stringify({ worker, compat });
} catch (error) {
  shown.textContent = `${error}`;
  shown.className = "failed";
}
