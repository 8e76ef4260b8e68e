const { readFileSync } = require("node:fs");
const { load } = require("mobilenets");

load().then(async (model) => {
  const data = new Uint8Array(readFileSync("coffee.rgb"));
  const [best] = await model.classify({ data, width: 192, height: 192, channels: 3 });
  console.log(JSON.stringify(best));
  model.dispose();
});
