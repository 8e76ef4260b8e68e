import { load } from "mobilenets";

const input = document.querySelector("input");
const status = document.querySelector("p");

const model = await load("model.safetensors");
status.textContent = `${model.name}, ${model.inputShape.join(" x ")}. Choose a picture.`;

async function describe() {
  try {
    const [best] = await model.classify(input.files[0], { topK: 1 });
    status.textContent = `${best.label}, ${Math.round(100 * best.probability)} %`;
  } catch (error) {
    status.textContent = error.message;
  }
}

input.addEventListener("change", describe);
// The browser may remember a choice, or the user chose before the network was loaded.
if (input.files.length > 0) describe();
