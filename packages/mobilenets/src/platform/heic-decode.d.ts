// Types of the part of heic-decode that we use; the package has none.
declare module "heic-decode" {
  interface HeicImage {
    readonly width: number;
    readonly height: number;
    decode(): Promise<{ readonly data: Uint8ClampedArray }>;
  }
  const decode: {
    all(file: { readonly buffer: Uint8Array }): Promise<[HeicImage, ...HeicImage[]] & { dispose(): void }>;
  };
  export default decode;
}
