export default {
  // The script of mobilenets/worker loads parts of itself when they are needed.
  worker: { format: "es" },
};
