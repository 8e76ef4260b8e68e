import { stopOnClosedPipe } from "./output.ts";
import { program } from "./program.ts";
import { report } from "./report.ts";

stopOnClosedPipe();
try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
