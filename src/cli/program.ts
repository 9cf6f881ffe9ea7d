/**
 * The command line: the global options, and the verbs, one file each in `verbs/`. A verb loads
 * what it needs when it is called, so that help is printed at once.
 */
import { Command } from "commander";

import { version } from "../version.ts";
import { belowHelp, examples } from "./command.ts";
import { isDone, usageError } from "./failure.ts";
import { program as name } from "./invocation.ts";
import * as audit from "./verbs/audit.ts";
import * as compare from "./verbs/compare.ts";
import * as completion from "./verbs/completion.ts";
import * as config from "./verbs/config.ts";
import * as data from "./verbs/data.ts";
import * as doctor from "./verbs/doctor.ts";
import * as evaluate from "./verbs/evaluate.ts";
import * as exporting from "./verbs/export.ts";
import * as fit from "./verbs/fit.ts";
import * as importing from "./verbs/import.ts";
import * as inspect from "./verbs/inspect.ts";
import * as networks from "./verbs/networks.ts";
import * as recipes from "./verbs/recipes.ts";
import * as run from "./verbs/run.ts";
import * as runs from "./verbs/runs.ts";
import * as sample from "./verbs/sample.ts";
import * as stage from "./verbs/stage.ts";
import * as verify from "./verbs/verify.ts";

/** The verbs, in the order of the help. */
const verbs = [
  run,
  recipes,
  config,
  fit,
  sample,
  evaluate,
  audit,
  stage,
  runs,
  compare,
  verify,
  networks,
  exporting,
  importing,
  data,
  inspect,
  doctor,
  completion,
] as const;

/**
 * Builds the command line.
 * @throws UserError (E_USAGE) from the command's `parse`, for a wrong command line.
 */
export function buildProgram(): Command {
  const root = new Command(name)
    .description("Learn the distribution of a network's trained parameters and draw new, working networks from noise.")
    .version(version, "-V, --version", "print the version")
    .option("--json", "print one JSON document on stdout and nothing else")
    .option("-q, --quiet", "print only results, warnings and errors")
    .option("--no-color", "print without colours, as with NO_COLOR=1")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .configureHelp({
      showGlobalOptions: true,
      // Arguments are in the help of each command.
      subcommandTerm: (command) => command.name(),
      minWidthToWrap: 24,
    })
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      "after",
      examples(
        "run glyphs-cnn             a whole experiment without downloads; run again to resume",
        "run glyphs-cnn --dry-run   the plan: stages, time and memory",
        "inspect model.safetensors  tensors and statistics of a checkpoint",
        "doctor                     versions, devices and speed of this machine",
      ),
    )
    .addHelpText(
      "after",
      belowHelp(
        "\nExit codes: 0 done, 1 failed, 2 wrong command line or recipe, 3 wrong data, 130 interrupted (and saved).",
      ),
    );
  for (const verb of verbs) verb.register(root);
  throwUsageErrors(root);
  return root;
}

/** Makes commander throw a UserError for a wrong command line, in place of ending the process. */
function throwUsageErrors(root: Command): void {
  const nested = root.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [root, ...nested]) {
    const above = command.parent === null || command.parent === root ? [] : [command.parent.name()];
    const path = command === root ? name : [name, ...above, command.name()].join(" ");
    command.exitOverride((error) => {
      throw isDone(error) ? error : usageError(error, path);
    });
  }
}
