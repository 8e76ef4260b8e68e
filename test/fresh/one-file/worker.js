import { classify, embed } from "./classifier.worker.js";
import picture from "./coffee.rgb";
import documented from "./documented.js";

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === "/documented") return documented.fetch(request);
    const samples = { data: new Uint8Array(picture), width: 192, height: 192, channels: 3 };
    const [{ label, probability }] = await classify(samples);
    return Response.json({ label, probability, embedding: [...(await embed(samples))] });
  },
};
