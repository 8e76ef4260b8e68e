import { load } from "./mobilenets/index.js";
import weights from "./weights/index.js";

const shown = document.querySelector("#answer");
try {
  const model = await load(weights);
  const [{ label, probability }] = await model.classify("coffee.png");
  shown.textContent = JSON.stringify({ label, probability });
  shown.className = "done";
} catch (error) {
  shown.textContent = `${error}`;
  shown.className = "failed";
}
