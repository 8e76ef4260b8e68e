// Optional packages that this workspace's own `npm ci` does not install, typed by `Runtime`.
declare module "onnxruntime-node";
declare module "onnxruntime-web";
declare module "onnxruntime-web/wasm";
declare module "onnxruntime-web/webgpu";
