// Optional packages that this workspace does not install, typed by `Runtime`.
declare module "onnxruntime-node";
