# For workerd, which knows no bundler: every file of the split build is a module.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    # What docs/build.md shows.
    (name = "documented.js", esModule = embed "documented.js"),
    (name = "classifier.worker.js", esModule = embed "split/classifier.worker.js"),
    (name = "classifier.js", esModule = embed "split/classifier.js"),
    (name = "classifier.wasm", wasm = embed "split/classifier.wasm"),
    (name = "classifier.bin", data = embed "split/classifier.bin"),
    (name = "coffee.rgb", data = embed "coffee.rgb"),
  ],
);
