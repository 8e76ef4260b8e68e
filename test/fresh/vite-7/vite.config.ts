export default {
  // The development server bundles packages ahead, into a folder where the file of weights is not.
  optimizeDeps: { exclude: ["@mobilenets/weights-imagenet"] },
  // Isolated pages have threads that share memory.
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  },
};
