export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** `0.934` as `93 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

export function dataUrl(type: "image/jpeg" | "image/png", bytes: Buffer): string {
  return `data:${type};base64,${bytes.toString("base64")}`;
}
