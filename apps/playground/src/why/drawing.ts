import { type Bottleneck, bottleneckDrawing } from "../../../../packages/cli/src/explain/page/bottleneck.ts";
import { figureWords } from "./figure-words.ts";

// The figures of `mobilenets explain --html`: SVG text with only numbers and names of layers.
export { bottleneckOf, resnetBottleneckIn } from "../../../../packages/cli/src/explain/page/bottleneck.ts";
export { gateDrawing } from "../../../../packages/cli/src/explain/page/gate.ts";
export {
  depthwiseDrawing,
  pointwiseDrawing,
  standardDrawing,
} from "../../../../packages/cli/src/explain/page/planes.ts";
export { percent, short } from "../../../../packages/cli/src/explain/units.ts";

/** Draws a block. This page shows every block, whose layer names need more space than on the lesson's page. */
export const blockDrawing = (bottleneck: Bottleneck): string =>
  bottleneckDrawing(bottleneck, figureWords()).replace('viewBox="0 0 340 ', 'viewBox="0 0 440 ');
