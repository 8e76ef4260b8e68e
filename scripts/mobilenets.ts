import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs the command line as a user does, with visible output; exits with its exit code if it fails. */
export async function mobilenets(...args: string[]): Promise<void> {
  console.log(`$ npx mobilenets ${args.join(" ")}`);
  const command = fileURLToPath(new URL("../packages/cli/bin/mobilenets.js", import.meta.url));
  const child = spawn(process.execPath, [command, ...args], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("exit", resolve));
  if (code !== 0) process.exit(code ?? 1);
  console.log();
}
