#!/usr/bin/env node
/** The program `pdiff`: runs the command line and turns whatever is thrown into a message and an exit code. */
import { failureOf, isDone } from "./failure.ts";
import { buildProgram } from "./program.ts";

// A reader that has seen enough, such as `head`, is no error.
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
