import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

/** The circumstances of a result. */
export interface Circumstances {
  readonly date: string;
  readonly cpu: string;
  readonly processors: number;
  /** Load average of the last minute: above about 0.5 the machine is busy. */
  readonly load: number;
  /** Version of Node or Chromium. */
  readonly host: string;
  readonly versions: Readonly<Record<string, string>>;
}

const packages: Readonly<Record<string, string>> = {
  litert: "@litertjs/core",
  "onnxruntime-web": "onnxruntime-web",
  "onnxruntime-node": "onnxruntime-node",
  tfjs: "@tensorflow/tfjs-backend-wasm",
  autocannon: "autocannon",
};

export function circumstances(host: string, contenders: readonly string[]): Circumstances {
  const versions = contenders.flatMap((name) => (packages[name] ? [[packages[name], versionOf(packages[name])]] : []));
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0].model,
    processors: cpus().length,
    load: loadavg()[0],
    host,
    versions: Object.fromEntries(versions),
  };
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}
