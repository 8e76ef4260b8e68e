// What does the built file beside the page say of the picture: as samples, as an address, as a file, as a bitmap?
import { classify, embed } from "./classifier.js";

const shown = document.querySelector("#answer");
try {
  const data = new Uint8Array(await (await fetch("coffee.rgb")).arrayBuffer());
  const samples = { data, width: 192, height: 192, channels: 3 };
  const file = await (await fetch("coffee.png")).blob();
  const pictures = [samples, "coffee.png", new URL("coffee.png", location.href), file, await createImageBitmap(file)];
  const [[answer], ...others] = await classify(pictures, { topK: 1 });
  for (const [{ label, probability }] of others) {
    if (label !== answer.label || probability !== answer.probability) throw new Error(`${label}, ${probability}`);
  }
  shown.textContent = JSON.stringify({ ...answer, embedding: [...(await embed(samples))] });
  shown.className = "done";
} catch (error) {
  shown.textContent = `${error}`;
  shown.className = "failed";
}
