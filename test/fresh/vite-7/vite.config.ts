export default {
  // The development server bundles packages ahead, into a folder where neither the file of weights nor the worker's script is.
  optimizeDeps: { exclude: ["@mobilenets/weights-imagenet", "mobilenets"] },
  // The script of mobilenets/worker loads parts of itself when they are needed.
  worker: { format: "es" },
  // Isolated pages have threads that share memory.
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  },
};
