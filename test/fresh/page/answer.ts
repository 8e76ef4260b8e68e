import type { Prediction } from "mobilenets";
import type { Others } from "./others";

/** The test has measured what the page loaded. */
const asked = new Promise((resolve) => document.addEventListener("others", resolve, { once: true }));

/** Shows the page's answer, or its error, where the test reads it; then, when asked, those of other doors. */
export async function answer(
  ask: () => Promise<Pick<Prediction, "label" | "probability">>,
  more?: () => Promise<{ others(): Promise<Others> }>,
): Promise<void> {
  const shown = document.querySelector("#answer") as HTMLElement;
  try {
    const { label, probability } = await ask();
    shown.textContent = JSON.stringify({ label, probability });
    if (more) shown.dataset.others = "";
    shown.className = "done";
    if (!more) return;
    await asked;
    shown.dataset.others = JSON.stringify(await more().then(({ others }) => others()));
  } catch (error) {
    shown.textContent = `${error}`;
    shown.className = "failed";
  }
}
