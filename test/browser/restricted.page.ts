import { load, MobileNetsError } from "mobilenets";

/** Loads weights from an address, and gives the error's name and words. */
export async function fetchWeights(address: string): Promise<{ error?: string; name?: string }> {
  try {
    await load(address);
    return {};
  } catch (error) {
    if (!MobileNetsError.is(error)) throw error;
    return { error: error.message, name: error.name };
  }
}

/** Runs a small network and says what it ran on, or the name and words of the error. */
export async function attempt(threads: "auto" | number): Promise<{ engine?: string; error?: string; name?: string }> {
  try {
    const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 4, weights: "random", threads } as const;
    const model = await load("mobilenet_v1", options);
    await model.predict({ data: new Float32Array(32 * 32 * 3), shape: [1, 32, 32, 3] });
    const { engine } = model;
    model.dispose();
    return { engine };
  } catch (error) {
    if (!MobileNetsError.is(error)) throw error;
    return { error: error.message, name: error.name };
  }
}
