import { element } from "../dom.ts";
import { sayLabel } from "../language.ts";
import type { Evidence } from "../worker/api.ts";
import { drawHeat } from "./heat.ts";

export interface Stage {
  readonly element: HTMLElement;
  /** @throws Error if the browser cannot show it */
  showPicture(url: string): Promise<void>;
  showVideo(video: HTMLVideoElement): void;
  showEvidence(evidence: Evidence | null): void;
}

/** The large picture with the evidence over it. Its height never changes. */
export function makeStage(): Stage {
  const heat = element("canvas", { "aria-hidden": "true", hidden: true });
  const frame = sayLabel(element("div", { class: "frame", role: "img" }), "picture");
  const stage = element("div", { class: "stage" }, frame);
  let address = "";

  function put(content: HTMLElement, width: number, height: number): void {
    frame.style.setProperty("--ratio", String(width / height));
    heat.hidden = true;
    frame.replaceChildren(content, heat);
  }

  return {
    element: stage,
    async showPicture(url) {
      const image = element("img", { alt: "", src: url, decoding: "async" });
      await image.decode();
      put(image, image.naturalWidth, image.naturalHeight);
      if (address.startsWith("blob:") && address !== url) URL.revokeObjectURL(address);
      address = url;
    },
    showVideo: (video) => put(video, video.videoWidth, video.videoHeight),
    showEvidence: (evidence) => drawHeat(heat, evidence),
  };
}
