import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { withLikelyFix } from "./slips.ts";

/** The message for the words of a command line. */
async function messageFor(problem: string, ...words: readonly string[]): Promise<string> {
  const fixed = await withLikelyFix(new UserError("E_USAGE", `${problem}; see pdiff run --help`), words);
  return (fixed as Error).message;
}

describe("a wrong command line", () => {
  it.each([
    [["--epochs", "3"], "base.epochs=3"],
    [["--epochs=3"], "base.epochs=3"],
    [["--zoo.count=20"], "zoo.count=20"],
    [["--base.optimizer", "sgd"], "base.optimiser=sgd"],
    [["--seed"], "seed=VALUE"],
    [["--seed", "--quick"], "seed=VALUE"],
    [["--lr", "0.1"], "base.lr=0.1, or zoo.lr=0.1, or autoencoder.training.lr=0.1, or diffusion.training.lr=0.1"],
  ])("names the settings when an option is the key of a recipe: %j", async (words, settings) => {
    expect(await messageFor(`unknown option '${words[0]}'`, "run", "glyphs-cnn", ...words)).toBe(
      `unknown option '${words[0]}'; a recipe's values are set without dashes: ${settings}; see pdiff run --help`,
    );
  });

  it("names some settings and how to list all when there are many", async () => {
    expect(await messageFor("unknown option '--steps'", "run", "a.yaml", "--steps", "5")).toMatch(
      /dashes: [^,]+=5(?:, or [^,]+=5){3}, … \(\S+ config steps\); see/,
    );
  });

  it("names our verb when another program's is given", async () => {
    expect(await messageFor("unknown command 'train'", "train")).toBe(
      "unknown command 'train'; use run for a recipe, or fit for your own checkpoints; see pdiff run --help",
    );
  });

  it("stays as it is when nothing like it is known", async () => {
    for (const problem of ["unknown option '--verbose'", "unknown command 'rnu'", "missing required argument 'run'"])
      expect(await messageFor(problem, "run")).toBe(`${problem}; see pdiff run --help`);
    const other = new UserError("E_DATA", "unknown option '--epochs'");
    expect(await withLikelyFix(other, [])).toBe(other);
  });
});
