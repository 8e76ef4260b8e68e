import { readFile } from "node:fs/promises";
import { load } from "mobilenets";

// The package of weights is found by its name.
const model = await load();
const data = new Uint8Array(await readFile("coffee.rgb"));
const [best] = await model.classify({ data, width: 192, height: 192, channels: 3 });
console.log(JSON.stringify(best));
model.dispose();
