// The same in Node, Deno and Bun: what does a built file, the argument, say of the picture?
import { readFile } from "node:fs/promises";

const { classify, embed } = await import(process.argv[2]);
const picture = { data: new Uint8Array(await readFile("coffee.rgb")), width: 192, height: 192, channels: 3 };
const [{ label, probability }] = await classify(picture);
console.log(JSON.stringify({ label, probability, embedding: [...(await embed(picture))] }));
