/** Where the weights lie; `load()` takes it. Bundlers that know `new URL(..., import.meta.url)` copy the file. */
export default new URL("./efficientnet_lite0.safetensors", import.meta.url).href;
