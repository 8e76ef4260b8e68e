// mobilenets/labels: ImageNet's 1,000 classes, for which no network needs a file.
import { imagenetData } from "./imagenet-data.ts";

/** A class of ImageNet. */
export interface ImagenetLabel {
  /** WordNet's number of the synset, e.g. `n02123045`. */
  readonly wnid: string;
  /** Its words, parted by commas, e.g. `tabby, tabby cat`. */
  readonly label: string;
}

const entries = () => imagenetData.split(/[;\n]/);
const wordsOf = (entry: string) => entry.slice(entry.indexOf(" ") + 1);

/** The 1,000 classes of ImageNet in the order of a Keras or torchvision network's outputs, that is by `wnid`. */
export function imagenetLabels(): readonly ImagenetLabel[] {
  let number = 0;
  return entries().map((entry) => {
    number += Number.parseInt(entry, 36);
    return { wnid: `n${String(number).padStart(8, "0")}`, label: wordsOf(entry) };
  });
}

/** Their words alone, for a user who waits for the first picture. */
export const imagenetWords = (): readonly string[] => entries().map(wordsOf);
