// mobilenets/labels: ImageNet's 1,000 classes, so that no network needs a label file.
import { imagenetData } from "./imagenet-data.ts";

/** A class of ImageNet. */
export interface ImagenetLabel {
  /** WordNet id of the synset, e.g. `n02123045`. */
  readonly wnid: string;
  /** Words of the synset, separated by commas, e.g. `tabby, tabby cat`. */
  readonly label: string;
}

const entries = () => imagenetData.split(/[;\n]/);
const wordsOf = (entry: string) => entry.slice(entry.indexOf(" ") + 1);

/** The 1,000 classes of ImageNet in the output order of Keras and torchvision networks, which is by `wnid`. */
export function imagenetLabels(): readonly ImagenetLabel[] {
  let number = 0;
  return entries().map((entry) => {
    number += Number.parseInt(entry, 36);
    return { wnid: `n${String(number).padStart(8, "0")}`, label: wordsOf(entry) };
  });
}

/** The words of the classes only, which are faster to make: a user may be waiting for the first picture. */
export const imagenetWords = (): readonly string[] => entries().map(wordsOf);
