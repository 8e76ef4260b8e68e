// Declares optional packages that this workspace's `npm ci` does not install; `Runtime` has their types.
declare module "onnxruntime-node";
declare module "onnxruntime-web";
declare module "onnxruntime-web/wasm";
declare module "onnxruntime-web/webgpu";
