import { stopOnClosedPipe } from "./output.ts";
import { program } from "./program.ts";
import { report } from "./report.ts";

stopOnClosedPipe();
try {
  await (await program(process.argv[2])).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
