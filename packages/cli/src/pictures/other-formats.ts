import { canDecodeHeic } from "mobilenets/store";

/** What is taken for a picture inside a folder, by the name alone. */
export const decoded: readonly string[] = [
  ...["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "avif", "tif", "tiff", "bmp", "dib"],
  ...(canDecodeHeic() ? ["heic", "heif", "hif"] : []),
];

/** Other pictures that no decoder here opens: cameras' raw files, drawings, files of layers. */
const others =
  /^(heic|heif|hif|svgz?|pdf|eps|ai|psd|xcf|ico|icns|jxl|jp2|j2k|jpf|jpx|dng|cr[23w]|nef|nrw|arw|sr2|orf|rw2|raf|pef|srw|x3f|3fr|raw|tga|dds|exr|hdr|pcx|p[bgpn]m|dcm|djvu)$/;

function endingOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** Whether a file is taken for a picture inside a folder. */
export function isPictureName(name: string): boolean {
  return !name.startsWith(".") && decoded.includes(endingOf(name));
}

/** Pictures of other formats in folders, which a walk passes by; to be named, once for all of them. */
export class OtherFormats {
  readonly #paths = new Map<string, string>();

  /** Takes note of a file if it is one. */
  see(folder: string, name: string): void {
    const ending = endingOf(name);
    if (name.startsWith(".") || decoded.includes(ending) || !others.test(ending)) return;
    this.#paths.set(`${folder}/${name}`, ending);
  }

  /** `12 files of other formats left out: .heic (10), .psd (2)`, the most frequent first; undefined without any. */
  get message(): string | undefined {
    if (this.#paths.size === 0) return undefined;
    const counts = new Map<string, number>();
    for (const ending of this.#paths.values()) counts.set(ending, (counts.get(ending) ?? 0) + 1);
    const list = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name, n]) => `.${name} (${n})`);
    const files = this.#paths.size === 1 ? "1 file" : `${this.#paths.size} files`;
    const heic = ["heic", "heif", "hif"].some((ending) => counts.has(ending));
    const hint = heic ? "; for HEIC: npm install heic-decode" : "";
    return `${files} of other formats left out: ${list.join(", ")}${hint}`;
  }
}
