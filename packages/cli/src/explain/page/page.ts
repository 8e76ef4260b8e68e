import { escapeHtml } from "../../html/escape.ts";
import { page } from "../../html/page.ts";
import { version } from "../../version.ts";
import type { Lesson } from "../lesson.ts";
import {
  blockSection,
  exampleSection,
  gateSection,
  networkSection,
  nonlinearitySection,
  pairSection,
} from "./sections.ts";
import { style } from "./style.ts";

/** Makes a self-contained page of the lesson. */
export function lessonPage(lesson: Lesson): string {
  const { network, example, chapters } = lesson;
  const { pairs, blocks, gates, nonlinearities } = chapters;
  const claim = `Why ${example.standard.weights} becomes ${example.separable.weights}`;
  const title = network ? `${network} explained` : "Why MobileNets are small";
  const summary = network
    ? `flavor ${pairs.flavor}, input ${pairs.inputShape.slice(1).join(" x ")}`
    : "Depthwise-separable convolutions, inverted residuals, squeeze-and-excite and h-swish, with what each costs";
  const sections = [
    [claim, exampleSection(example)],
    [`The pairs of ${pairs.network}`, pairSection(pairs)],
    [`The blocks of ${blocks.network}`, blockSection(blocks)],
    ...(gates ? [[`Squeeze-and-excite in ${gates.network}`, gateSection(gates, gates !== blocks)]] : []),
    [`Nonlinear functions of ${nonlinearities.network}`, nonlinearitySection(nonlinearities)],
    ["Side by side", networkSection(lesson)],
  ];
  const body = `${sections.map(([heading, content]) => `<section>\n<h2>${escapeHtml(heading)}</h2>\n${content}\n</section>`).join("\n")}
<footer class="faint">
<p>MACs are multiply-adds of convolutions, squeeze-and-excite and dense layers for one picture. Parameters have the moving statistics of batch norm among them.</p>
<p>Papers: Howard et al. 2017 (MobileNets), Sandler et al. 2018 (MobileNetV2), Howard et al. 2019 (MobileNetV3), He et al. 2016 (ResNet).</p>
<p>Made by <code>mobilenets explain${network ? ` ${network}` : ""} --html</code>, version ${escapeHtml(version)}.</p>
</footer>`;
  return page({ title, summary, style, body });
}
