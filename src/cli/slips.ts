/** What somebody most likely meant by a command line that is wrong. */
import { UserError } from "../errors.ts";
import { commandLine } from "./invocation.ts";

/** The verbs that other programs have for what ours do. */
const OTHER_VERBS: Readonly<Record<string, string>> = {
  train: "run for a recipe, or fit for your own checkpoints",
  resume: "run",
  start: "run",
  generate: "sample",
  draw: "sample",
  eval: "evaluate",
  test: "evaluate",
  validate: "evaluate",
  verdict: "audit",
  info: "inspect",
  show: "inspect",
  ls: "runs, or recipes",
  list: "runs, recipes, networks, or data list",
  models: "networks",
  datasets: "data list",
  download: "data get",
  convert: "export",
  settings: "config",
  explain: "config",
  check: "doctor",
};

/** Settings suggested at most. */
const MAX_SHOWN = 4;

/**
 * A wrong command line with what was most likely meant; any other error stays as it is.
 * @param words the command line.
 */
export async function withLikelyFix(error: unknown, words: readonly string[]): Promise<unknown> {
  if (!(error instanceof UserError) || error.code !== "E_USAGE") return error;
  const [, command] = /^unknown command '([^']+)'/.exec(error.message) ?? [];
  const [, option] = /^unknown option '(--[^'=]+)/.exec(error.message) ?? [];
  const fix = command !== undefined ? OTHER_VERBS[command] : await settingsFor(option, words);
  if (fix === undefined) return error;
  const advice = command !== undefined ? `; use ${fix}` : `; a recipe's values are set without dashes: ${fix}`;
  const [problem = "", more] = error.message.split("; see ");
  return new UserError("E_USAGE", `${problem}${advice}${more === undefined ? "" : `; see ${more}`}`, { cause: error });
}

/** The `key=value` pairs that an option such as `--epochs 3` may stand for. */
async function settingsFor(option: string | undefined, words: readonly string[]): Promise<string | undefined> {
  if (option === undefined) return undefined;
  const { pathsEndingIn } = await import("../recipe/index.ts");
  const paths = pathsEndingIn(option.slice("--".length));
  if (paths.length === 0) return undefined;
  const place = words.findIndex((word) => word === option || word.startsWith(`${option}=`));
  const [word = "", next = ""] = words.slice(place, place + 2);
  const given = word.includes("=") ? word.slice(word.indexOf("=") + 1) : next;
  const value = given === "" || given.startsWith("-") ? "VALUE" : given;
  const shown = paths.slice(0, MAX_SHOWN).map((path) => `${path}=${value}`);
  const rest = paths.length > shown.length ? `, … (${commandLine("config", option.slice("--".length))})` : "";
  return `${shown.join(", or ")}${rest}`;
}
