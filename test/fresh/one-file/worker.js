import { classify, embed } from "./classifier.worker.js";
import picture from "./coffee.rgb";

export default {
  async fetch() {
    const samples = { data: new Uint8Array(picture), width: 192, height: 192, channels: 3 };
    const [{ label, probability }] = await classify(samples);
    return Response.json({ label, probability, embedding: [...(await embed(samples))] });
  },
};
