import type { Prediction } from "mobilenets";

/** Shows the page's answer, or its error, where the test reads it. */
export async function answer(ask: () => Promise<Pick<Prediction, "label" | "probability">>): Promise<void> {
  const shown = document.querySelector("#answer") as HTMLElement;
  try {
    const { label, probability } = await ask();
    shown.textContent = JSON.stringify({ label, probability });
    shown.className = "done";
  } catch (error) {
    shown.textContent = `${error}`;
    shown.className = "failed";
  }
}
