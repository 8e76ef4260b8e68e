import { element } from "../dom.ts";
import { say, sayLabel, text } from "../language.ts";
import { saveFile } from "../save-file.ts";
import type { Session } from "../session.ts";
import { notify } from "../shell/notices.ts";
import { isFailure } from "../worker/api.ts";
import { type Exported, type ExportFormat, exportFormats } from "../worker/teacher/api.ts";
import { snippets } from "./snippets.ts";

const titles: Readonly<Record<ExportFormat, string>> = {
  module: "JavaScript",
  safetensors: "safetensors",
  tflite: "TFLite",
  onnx: "ONNX",
  tfjs: "TensorFlow.js",
};

export interface ExportPanel {
  readonly element: HTMLElement;
  /** Offers a taught network. @param classes names in output order */
  offer(classes: readonly string[]): void;
}

/** The taught network as a file of each format, with code that uses it. */
export function makeExportPanel(session: Session): ExportPanel {
  let classes: readonly string[] = [];
  const code = element("code");
  const block = sayLabel(element("pre", { class: "snippet", tabindex: "0", role: "region" }, code), "snippet");
  block.hidden = true;
  const buttons = exportFormats.map((format) => {
    const button = element("button", { type: "button", "data-format": format, onclick: () => write(format) });
    return say(button, "download", { name: titles[format] });
  });

  async function write(format: ExportFormat): Promise<void> {
    const exported = await session.client.exportTaught(format);
    if (isFailure(exported)) return notify("badExport", { error: exported.error });
    saveFile(exported.file, exported.name);
    showCode(format, exported);
  }

  function showCode(format: ExportFormat, exported: Exported): void {
    block.hidden = false;
    code.textContent = snippets[format]({ ...exported, classes });
  }

  return {
    element: element(
      "section",
      { class: "export", hidden: true },
      say(element("h2"), "takeAway"),
      say(element("p", { class: "faint" }), "takeAwayText"),
      sayLabel(element("div", { class: "actions", role: "group", "data-title": text("format") }, ...buttons), "format"),
      block,
    ),
    offer(next) {
      classes = next;
    },
  };
}
