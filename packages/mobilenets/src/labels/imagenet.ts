import { imagenetData } from "./imagenet-data.ts";

/** The 1,000 classes of ImageNet in the order of a Keras or torchvision network's outputs: words such as `tabby, tabby cat`. */
export const imagenetLabels = (): readonly string[] => imagenetData.split(/[;\n]/);
