import { readFile } from "node:fs/promises";
import { load } from "mobilenets";
import * as mobilenet from "mobilenets/compat/tfjs-models";
import { loadInWorker } from "mobilenets/worker";

// The package of weights is found by its name.
const model = await load();
const data = new Uint8Array(await readFile("coffee.rgb"));
const [best] = await model.classify({ data, width: 192, height: 192, channels: 3 });
model.dispose();

const picture = { data, width: 192, height: 192, channels: 3 } as const;
const inWorker = await loadInWorker();
const [worker] = await inWorker.classify(picture);
inWorker.dispose();
const dropIn = await mobilenet.load({ modelUrl: "efficientnet_lite0" });
const [{ className, probability }] = await dropIn.classify(picture);
dropIn.dispose();
console.log(JSON.stringify({ ...best, others: { worker, compat: { label: className, probability } } }));
