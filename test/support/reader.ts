/**
 * A folder as a reader of the documents has it: checkpoints, a program that scores them, and this
 * program, in which all that is asked for is smaller. So the documents' own commands take seconds.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

import { pthOf } from "../../src/checkpoints/formats/torch/pth.fixture.ts";
import { key, normal } from "../../src/random/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What makes fits of checkpoints and their audits small. */
const smallFit = [
  "diffusion.training.steps=20",
  "sample.sampler={type: ddim, steps: 10}",
  "audit.baselines=[average:2]",
  "audit.draws=3",
  "measure.networks=5",
];

/** What makes recipes small, by name. */
const smallRecipes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "glyphs-seeds": {},
  "glyphs-trajectory": { autoencoder: { gate: -10, training: { steps: 20 } } },
  "glyphs-cnn": { network: { channels: [2, 2, 2], hidden: [4] }, autoencoder: { gate: -10 } },
};
const smallRun = {
  data: { train: 300, test: 100, selection: 100 },
  base: { epochs: 1 },
  zoo: { count: 40, heldOut: 5 },
  diffusion: { training: { steps: 20 } },
  sample: { count: 6 },
  audit: {
    baselines: ["average:2"],
    draws: 3,
    compared: 6,
    straightWays: 0,
    trajectories: 0,
    fineTuned: { count: 0 },
    trained: { count: 0 },
    embeddings: [],
  },
};

/** The most networks that are drawn, and that are kept of them. */
const most: Readonly<Record<string, number>> = { "-n": 6, "--select-best": 2 };

/** Writes a program that a shell finds. */
function writeProgram(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** Checkpoints as `torch.save` writes them: a body that they share, and a head. */
function writeCheckpoints(folder: string, count: number): void {
  mkdirSync(folder);
  const tensor = (storage: string, shape: readonly [number, number]) => {
    const [rows, columns] = shape;
    return { storage, stored: rows * columns, offset: 0, shape, strides: [columns, 1] };
  };
  const tensors = { "body.weight": tensor("0", [4, 3]), "head.weight": tensor("1", [2, 4]) };
  for (let k = 0; k < count; k++) {
    const storages = { "0": normal(key(1000), 12), "1": normal(key(k), 8) };
    writeFileSync(join(folder, `${k}.pth`), pthOf(tensors, storages));
  }
}

/** The program with smaller numbers: small recipes of the same names, and fits with overrides. */
const scaled = (program: string, small: string): string => `#!/usr/bin/env node
const { spawnSync } = require("node:child_process");
const { basename, join } = require("node:path");
const most = ${JSON.stringify(most)};
const words = process.argv.slice(2).map((word, i, all) => {
  const limit = most[all[i - 1]];
  return limit === undefined ? word : String(Math.min(limit, Number(word)));
});
const [verb, what = ""] = words;
const recipe = basename(what, ".yaml");
const isRun = what.startsWith("runs/");
if (verb === "run" && !isRun && ${JSON.stringify(Object.keys(smallRecipes))}.includes(recipe))
  words[1] = join(${JSON.stringify(small)}, recipe + ".yaml");
if (verb === "fit" && !isRun) words.push(...${JSON.stringify(smallFit)});
process.exit(spawnSync(${JSON.stringify(program)}, words, { stdio: "inherit" }).status ?? 1);
`;

/** The library with smaller numbers. */
const scaledLibrary = (built: string): string => `
export * from ${JSON.stringify(built)};
import * as library from ${JSON.stringify(built)};
export const fit = (options) =>
  library.fit({ ...options, overrides: [...${JSON.stringify(smallFit)}, ...(options.overrides ?? [])] });
export const sample = ({ count, ...options }) => library.sample({ ...options, count: count && Math.min(count, 6) });
`;

/** A metric in place of the reader's \`python eval.py CHECKPOINT\`. */
const python = `#!/bin/sh
cksum < "$2" | awk '{ printf "{\\"loss\\": %f}\\n", 1 + $1 % 1000 / 1000 }'
`;

/** npm in a clone: what has been installed already, and the script that \`npm start\` runs. */
const npm = (start: string): string => `#!/bin/sh
case "$1" in
  ci) ;;
  start) ${start} ;;
  *) echo "npm $* is not run in tests" >&2; exit 1 ;;
esac
`;

/** A reader's folder. */
export interface Reader {
  readonly folder: string;
  /** Runs the commands of a block, each of which must succeed, and gives what they print. */
  shell(text: string): string;
  /** Runs a program in TypeScript, without checking its types. */
  program(text: string): string;
}

/**
 * Makes the folder of a reader.
 * @param folder an empty one.
 * @param program the built program.
 */
export function readerIn(folder: string, program: string): Reader {
  const bin = join(folder, ".reader", "bin");
  const small = join(folder, ".reader", "recipes");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts: { readonly start: string };
  };
  writeProgram(join(folder, "pdiff"), scaled(program, small));
  writeProgram(join(bin, "npm"), npm(scripts.start));
  writeProgram(join(bin, "python"), python);
  mkdirSync(small);
  for (const [name, parts] of Object.entries(smallRecipes)) {
    const recipe = { extends: join(root, "recipes", `${name}.yaml`), ...smallRun, ...parts };
    writeFileSync(join(small, `${name}.yaml`), JSON.stringify(recipe));
  }
  writeCheckpoints(join(folder, "ckpts"), 24);

  const library = join(folder, "node_modules", "neural-network-diffusion");
  mkdirSync(library, { recursive: true });
  const exports = { ".": "./index.js", "./*": "./*.js" };
  writeFileSync(join(library, "package.json"), JSON.stringify({ type: "module", exports }));
  const built = (name: string) => pathToFileURL(join(dirname(program), `${name}.js`)).href;
  writeFileSync(join(library, "index.js"), scaledLibrary(built("index")));
  for (const name of ["graph", "nn", "diffusion", "baselines", "evaluation", "checkpoints"])
    writeFileSync(join(library, `${name}.js`), `export * from ${JSON.stringify(built(name))};\n`);

  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const execute = (file: string, words: readonly string[]): string =>
    execFileSync(file, words, { cwd: folder, env, encoding: "utf8", stdio: "pipe" });
  return {
    folder,
    shell: (text) => execute("sh", ["-ec", text]),
    program(text) {
      const { outputText } = ts.transpileModule(text, {
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
      });
      writeFileSync(join(folder, "program.mjs"), outputText);
      return execute(process.execPath, ["program.mjs"]);
    },
  };
}
