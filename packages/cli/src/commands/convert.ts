import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { OptionError } from "mobilenets";
import { formatFor, formats } from "mobilenets/weights";
import { addExamples } from "../help/examples.ts";
import { announcePipeline, loadModel } from "../load-model.ts";
import { diagnostic, result } from "../output.ts";
import { printable } from "../printable.ts";
import { addRunOptions, type RunFlags, weightsSuggestions } from "../run-options.ts";
import { suggest } from "../suggest.ts";
import { writeAtomic } from "../write-atomic.ts";

interface ConvertFlags extends RunFlags {
  readonly to?: string;
  readonly keepBatchNorm?: true;
  readonly json?: true;
}

/** Adds the command `convert`, which writes a weight file in another format. */
export function addConvert(root: Command): void {
  const writable = formats.filter(({ writer }) => writer).map(({ name }) => name);
  const readable = formats.filter(({ reader }) => reader).map(({ title }) => title);
  const command = root
    .command("convert")
    .summary("write a weight file in another format")
    .description("Read a weight file of any known format and write it in another.")
    .argument("<in>", `the weights: a file or a name of published weights. Read: ${readable.join(", ")}`)
    .argument("<out>", "the file to write; its extension names the format")
    .addOption(new Option("--to <format>", "the format, if the extension does not name it").choices(writable))
    .option("--keep-batch-norm", "ONNX: keep batch norms as layers of their own, to train on elsewhere")
    .option("--json", "print one JSON object");
  const [source] = command.registeredArguments;
  suggest(source, weightsSuggestions, { files: true });
  addRunOptions(command, { weights: false, limits: false })
    .addHelpText("after", "\nExit codes: 0 done, 1 the job failed, 2 bad usage.")
    .action(convert);
  addExamples(command, [
    ["mobilenets convert fashion-mnist model.onnx", "Weights by name, for ONNX Runtime"],
    ["mobilenets convert model.onnx model.tflite", "A file of one format into another"],
    [
      "mobilenets convert model.onnx labelled.safetensors --labels names.txt --preprocessing crop=squash,mean=127.5,std=127.5",
      "With class names and preprocessing in the file, for all who load it",
    ],
  ]);
}

async function convert(source: string, out: string, flags: ConvertFlags): Promise<void> {
  const format = formatFor(out, flags.to);
  const { keepBatchNorm } = flags;
  if (keepBatchNorm && format.name !== "onnx") {
    const hint = "only ONNX files can keep batch norms";
    throw new OptionError({ where: "--keep-batch-norm", found: `format ${format.name}`, expected: "onnx", hint });
  }
  const model = await loadModel({ ...flags, weights: source });
  announcePipeline(model);
  const { bytes, companions = {}, note } = await (await format.writer())(model, { keepBatchNorm });
  const files = [...Object.entries(companions).map(([name, data]) => [join(dirname(out), name), data] as const)];
  // The main file is written last, so an incomplete conversion has none.
  for (const [path, data] of [...files, [out, bytes] as const]) {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomic(path, data);
  }
  const total = [bytes, ...Object.values(companions)].reduce((sum, data) => sum + data.length, 0);
  if (flags.json) return result(JSON.stringify({ out, format: format.name, network: model.name, bytes: total, note }));
  diagnostic(`${model.name} as ${format.title}, ${total} bytes`);
  if (note) diagnostic(note);
  return result(printable(out));
}
