// A Web Component: <classify-picture weights="/model.safetensors" src="photo.jpg" top="3"></classify-picture>
import type { Prediction } from "mobilenets";
import { loadInWorker, type WorkerModel } from "mobilenets/worker";

/**
 * Shows a picture and its classes, computed in a worker. Its attributes may change. The event `predictions` has the
 * classes.
 */
export class ClassifyPicture extends HTMLElement {
  static readonly observedAttributes = ["weights", "src", "top"];
  readonly #picture = document.createElement("img");
  readonly #list = document.createElement("ol");
  #model: Promise<WorkerModel> | undefined;
  #run = new AbortController();

  constructor() {
    super();
    this.#list.setAttribute("aria-live", "polite");
    this.attachShadow({ mode: "open" }).append(this.#picture, this.#list);
  }

  attributeChangedCallback(name: string): void {
    if (name === "weights") this.#forget();
    if (this.isConnected) this.#classify();
  }

  connectedCallback(): void {
    this.#classify();
  }

  disconnectedCallback(): void {
    this.#run.abort();
    this.#forget();
  }

  async #classify(): Promise<void> {
    const [weights, src, top] = ["weights", "src", "top"].map((name) => this.getAttribute(name));
    this.#run.abort();
    if (!weights || !src) return;
    this.#run = new AbortController();
    const { signal } = this.#run;
    this.#picture.src = src;
    this.#picture.alt = "";
    try {
      this.#model ??= loadInWorker(weights);
      const model = await this.#model;
      this.#show(await model.classify(this.#picture, { topK: Number(top ?? 3), signal }));
    } catch (error) {
      if (signal.aborted) return;
      this.#list.replaceChildren();
      this.dispatchEvent(new CustomEvent("failure", { detail: error }));
    }
  }

  #show(predictions: readonly Prediction[]): void {
    const items = predictions.map(({ label, probability }) => {
      const item = document.createElement("li");
      item.textContent = `${label}, ${Math.round(100 * probability)} %`;
      return item;
    });
    this.#list.replaceChildren(...items);
    this.#picture.alt = predictions[0].label;
    this.dispatchEvent(new CustomEvent("predictions", { detail: predictions }));
  }

  #forget(): void {
    this.#model?.then(
      (model) => model.dispose(),
      () => {},
    );
    this.#model = undefined;
  }
}

customElements.define("classify-picture", ClassifyPicture);
