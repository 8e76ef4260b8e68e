import { imagenetData } from "./imagenet-data.ts";

export interface ImagenetLabel {
  /** WordNet's number of the synset, e.g. `n02123045`. */
  readonly wnid: string;
  /** Its words, parted by commas, e.g. `tabby, tabby cat`. */
  readonly label: string;
}

/** The 1,000 classes of ImageNet in the order of a Keras or torchvision network's outputs, that is by `wnid`. */
export function imagenetLabels(): readonly ImagenetLabel[] {
  let number = 0;
  return imagenetData.split(/[;\n]/).map((entry) => {
    const space = entry.indexOf(" ");
    number += Number.parseInt(entry.slice(0, space), 36);
    return { wnid: `n${String(number).padStart(8, "0")}`, label: entry.slice(space + 1) };
  });
}
