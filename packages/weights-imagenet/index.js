/**
 * Where the weights lie; `load()` takes it. Bundlers that know `new URL(..., import.meta.url)` copy the file. Where a
 * module does not know its own address, the file is expected beside the page.
 */
let address = "efficientnet_lite0.safetensors";
try {
  address = new URL("./efficientnet_lite0.safetensors", import.meta.url).href;
} catch {}
export default address;
