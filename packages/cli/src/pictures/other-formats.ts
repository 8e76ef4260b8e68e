import { canDecodeHeic } from "mobilenets/store";

/** Formats of pictures by file extension. */

/** Extensions of pictures in folders. */
export const decoded: readonly string[] = [
  ...["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "avif", "tif", "tiff", "bmp", "dib"],
  ...(canDecodeHeic() ? ["heic", "heif", "hif"] : []),
];

/** Extensions of pictures without a decoder: raw files of cameras, drawings, files with layers; and of archives. */
const others =
  /^(heic|heif|hif|svgz?|pdf|eps|ai|psd|xcf|ico|icns|jxl|jp2|j2k|jpf|jpx|dng|cr[23w]|nef|nrw|arw|sr2|orf|rw2|raf|pef|srw|x3f|3fr|raw|tga|dds|exr|hdr|pcx|p[bgpn]m|dcm|djvu|tar|tgz|tar\.gz|tar\.zst)$/;

function endingOf(name: string): string {
  return /\.(tar\.(?:gz|zst)|[^.]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** True if a file in a folder counts as a picture. */
export function isPictureName(name: string): boolean {
  return !name.startsWith(".") && decoded.includes(endingOf(name));
}

/** Collects the pictures of other formats that a walk leaves out, for one message about all. */
export class OtherFormats {
  readonly #paths = new Map<string, string>();

  /** Records the file if it has one of these formats. */
  see(folder: string, name: string): void {
    const ending = endingOf(name);
    if (name.startsWith(".") || decoded.includes(ending) || !others.test(ending)) return;
    this.#paths.set(`${folder}/${name}`, ending);
  }

  /** `12 files of other formats left out: .heic (10), .psd (2)`, most frequent first. Undefined for no files. */
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
