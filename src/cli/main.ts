#!/usr/bin/env node
/** The program `pdiff`: runs the command line and turns errors into messages and exit codes. */
import "./working-folder.ts";
import { UserError } from "../errors.ts";
import { failureOf, isDone } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { withLikelyFix } from "./slips.ts";
import { columnsOf } from "./terminal/terminal.ts";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // A reader such as `head` has closed the pipe: that is no error.
    if (error.code === "EPIPE") process.exit();
    // The terminal was closed, and SIGHUP asks the run to stop and save.
    if (error.code === "EIO") return;
    const { text, exitCode } = failureOf(
      new UserError("E_DISK", `cannot print the output (${error.code}); free some space, or print somewhere else`),
      false,
    );
    if (stream !== process.stderr) process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  });
}

const words = process.argv.slice(2);
const fail = (error: unknown) => {
  const { text, exitCode } = failureOf(error, words.includes("--json"), columnsOf(process.stderr));
  process.stderr.write(`${text}\n`);
  return exitCode;
};

// Thrown by an event that nobody waits for: nothing is known of the state that it leaves.
process.on("uncaughtException", (error) => process.exit(fail(error)));

try {
  await buildProgram().parseAsync(words.length === 0 ? ["--help"] : words, { from: "user" });
} catch (error) {
  if (!isDone(error)) {
    process.exitCode = fail(await withLikelyFix(error, words));
  }
}
