/** What README, the documents and the recipes say of the repository: links, commands, scripts. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";

import { findRecipe } from "../src/recipe/index.ts";
import { commandsIn, commandsInComments, problemOf } from "./support/commands.ts";
import { anchorsOf, filesInComments, linksIn } from "./support/links.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const isHere = (path: string): boolean => existsSync(join(root, path));
const documents = globSync(
  ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/**/*.md", "examples/README.md", ".github/*.md"],
  { cwd: root, dot: true, ignore: ["docs/site"] },
).sort();
const recipes = globSync("recipes/**/*.yaml", { cwd: root }).sort();

/** All that a function finds in files, each with the name of its file. */
const inAll = (paths: readonly string[], find: (path: string) => readonly string[]): string[] =>
  paths.flatMap((path) => find(path).map((found) => `${path}: ${found}`));

/** What is wrong with a document's links. `path` is where it is. */
const linkProblems = (path: string, text: string): string[] =>
  linksIn(text).flatMap(({ target, anchor }) => {
    const to = target === "" ? path : join(dirname(path), target);
    if (!isHere(to)) return [`no file ${target}`];
    const isWrong = anchor !== "" && !anchorsOf(target === "" ? text : read(to)).includes(anchor);
    return isWrong ? [`no heading ${target}#${anchor}`] : [];
  });

/** What is wrong with command lines, each with the line. */
const commandProblems = (commands: readonly (readonly string[])[]): string[] =>
  commands.flatMap((words) => {
    const problem = problemOf(words);
    return problem === undefined ? [] : [`${words.join(" ")}: ${problem}`];
  });

describe("links", () => {
  it("lead to files and headings that are there", () => {
    expect(inAll(documents, (path) => linkProblems(path, read(path)))).toEqual([]);
  });

  it("are found wrong where file or heading is missing", () => {
    const text = "# One\n[a](docs/nothing.md) [b](#one) [c](#two) [d](docs/method.md#no) [e](https://x.y/z)";
    expect(linkProblems("README.md", text)).toEqual([
      "no file docs/nothing.md",
      "no heading #two",
      "no heading docs/method.md#no",
    ]);
  });

  it("reach every document from the index", () => {
    const linked = new Set(linksIn(read("docs/README.md")).map(({ target }) => join("docs", target)));
    const pages = documents.filter((path) => path.startsWith("docs/") && path !== "docs/README.md");
    expect(pages.filter((path) => !linked.has(path))).toEqual([]);
  });
});

it("the comments of recipes name files that are there", () => {
  expect(inAll(recipes, (path) => filesInComments(read(path)).filter((file) => !isHere(file)))).toEqual([]);
  expect(filesInComments("# see docs/a.md and\n#   ./pdiff run recipes/b/c.yaml x=1")).toEqual([
    "docs/a.md",
    "recipes/b/c.yaml",
  ]);
});

describe("commands", () => {
  it("have verbs, options and keys that exist", () => {
    const inDocuments = inAll(documents, (path) => commandProblems(commandsIn(read(path))));
    const inRecipes = inAll(recipes, (path) => commandProblems(commandsInComments(read(path))));
    expect([...inDocuments, ...inRecipes]).toEqual([]);
  });

  it("name recipes that exist", async () => {
    const shown = [
      ...documents.map((path) => commandsIn(read(path))),
      ...recipes.map((path) => commandsInComments(read(path))),
    ];
    const names = shown.flat().flatMap(([verb, name = ""]) => (verb === "run" && /^[\w-]+$/.test(name) ? [name] : []));
    expect(names.length).toBeGreaterThan(5);
    for (const name of new Set(names)) expect(isHere(await findRecipe(name)), name).toBe(true);
  });

  it("are found wrong by verb, option, choice and key", () => {
    const text = [
      "./pdiff run glyphs-cnn sample.count=5 --dry-run   # a comment --nothing",
      "A=b ./pdiff data get mnist --root \\\n  sets",
      "./pdiff train x",
      "./pdiff data fetch mnist",
      "./pdiff run x --epochs 3",
      "./pdiff fit 'a b' --better most",
      "npx neural-network-diffusion run x zoo.many=3",
      "npm test",
    ];
    const commands = commandsIn(`\`\`\`sh\n${text.join("\n")}\n\`\`\`\n`);
    expect(commands[1]).toEqual(["data", "get", "mnist", "--root", "sets"]);
    expect(commandProblems(commands)).toEqual([
      "train x: no verb train",
      "data fetch mnist: no verb data fetch",
      "run x --epochs 3: run has no option --epochs",
      expect.stringContaining("Allowed choices are higher, lower"),
      "run x zoo.many=3: no key zoo.many",
    ]);
  });

  it("are found in the comments of recipes", () => {
    const text =
      "# npm start          (or: ./pdiff run a.yaml)\n#   A=b ./pdiff run b.yaml x=1 \\\n#     --run c   (DIR has it)";
    expect(commandsInComments(text)).toEqual([
      ["run", "a.yaml"],
      ["run", "b.yaml", "x=1", "--run", "c"],
    ]);
  });
});

it("the tutorial on autoencoders shows the code of the example", () => {
  const example = read("examples/own-autoencoder.ts").replace(/^ *\/\*\*.*\n/gm, "");
  const blocks = [...read("docs/tutorials/own-autoencoder.md").matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  const [, build = ""] = blocks[1] ?? [];
  expect(build).toContain("trainedAutoencoder<ShallowOptions>");
  expect(example).toContain(build);
});

it("documents name scripts of package.json", () => {
  const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
  const named = (path: string) => [...read(path).matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  expect(inAll(documents, (path) => named(path).filter((name) => scripts[name] === undefined))).toEqual([]);
});

it("README has at most 120 lines and names the command of the tests", () => {
  expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(120);
  expect(read("README.md")).toMatch(/^npm test /m);
});
