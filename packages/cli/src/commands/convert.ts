import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { OptionError } from "mobilenets";
import { formatFor, formats } from "mobilenets/weights";
import { loadModel } from "../load-model.ts";
import { diagnostic, result } from "../output.ts";
import { addRunOptions, type RunFlags } from "../run-options.ts";
import { writeAtomic } from "../write-atomic.ts";

interface ConvertFlags extends RunFlags {
  readonly to?: string;
  readonly keepBatchNorm?: true;
  readonly json?: true;
}

export function addConvert(root: Command): void {
  const writable = formats.filter(({ writer }) => writer).map(({ name }) => name);
  const readable = formats.filter(({ reader }) => reader).map(({ title }) => title);
  const command = root
    .command("convert")
    .description("Read a weight file of any known format and write it in another.")
    .argument("<in>", `the weights: a file or a name of published weights. Read: ${readable.join(", ")}`)
    .argument("<out>", "the file to write; its ending names the format");
  addRunOptions(command, { weights: false })
    .addOption(new Option("--to <format>", "the format, where the ending does not name it").choices(writable))
    .option("--keep-batch-norm", "ONNX: keep batch norms as layers of their own, to train on elsewhere")
    .option("--json", "print one JSON object")
    .action(convert);
}

async function convert(source: string, out: string, flags: ConvertFlags): Promise<void> {
  const format = formatFor(out, flags.to);
  const { keepBatchNorm } = flags;
  if (keepBatchNorm && format.name !== "onnx") {
    const hint = "only ONNX files can be written with or without";
    throw new OptionError({ where: "--keep-batch-norm", found: `format ${format.name}`, expected: "onnx", hint });
  }
  const model = await loadModel({ ...flags, weights: source });
  const { bytes, companions = {}, note } = await (await format.writer())(model, { keepBatchNorm });
  const files = [...Object.entries(companions).map(([name, data]) => [join(dirname(out), name), data] as const)];
  // The main file last: while it is missing, nobody takes the rest for a whole.
  for (const [path, data] of [...files, [out, bytes] as const]) {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomic(path, data);
  }
  const total = [bytes, ...Object.values(companions)].reduce((sum, data) => sum + data.length, 0);
  if (flags.json) return result(JSON.stringify({ out, format: format.name, network: model.name, bytes: total, note }));
  diagnostic(`${model.name} as ${format.title}, ${total} bytes`);
  if (note) diagnostic(note);
  return result(out);
}
