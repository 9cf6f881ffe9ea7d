#!/usr/bin/env node
/** The program `pdiff`: runs the command line and turns errors into messages and exit codes. */
import { failureOf, isDone } from "./failure.ts";
import { buildProgram } from "./program.ts";

// It is no error when a reader such as `head` closes the pipe.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

const words = process.argv.slice(2);
try {
  await buildProgram().parseAsync(words.length === 0 ? ["--help"] : words, { from: "user" });
} catch (error) {
  if (!isDone(error)) {
    const { text, exitCode } = failureOf(error, words.includes("--json"));
    process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}
