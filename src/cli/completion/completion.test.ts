import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { buildProgram } from "../program.ts";
import { bashScript } from "./bash.ts";
import { completionFacts } from "./facts.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

const facts = completionFacts(buildProgram(), {
  recipes: ["glyphs-cnn", "mnist-cnn"],
  networks: ["resnet18", "vit-mini"],
  dataSets: ["cifar-10", "cifar-100"],
  keys: [
    { path: "zoo.count", choices: [] },
    { path: "zoo.kind", choices: ["seeds", "orders"] },
    { path: "zoo.count.more", choices: [] },
  ],
});
const scripts = { bash: bashScript(facts), zsh: zshScript(facts), fish: fishScript(facts) };

const folder = mkdtempSync(join(tmpdir(), "pdiff-completion-"));
beforeAll(() => {
  for (const [shell, script] of Object.entries(scripts)) writeFileSync(join(folder, shell), script);
  for (const run of ["one", "two"]) {
    mkdirSync(join(folder, "runs", run), { recursive: true });
    writeFileSync(join(folder, "runs", run, "config.yaml"), "");
  }
  mkdirSync(join(folder, "runs", "no-run"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

/** The last word of a line, and what each shell makes of it. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ["pdiff sa", ["sample"]],
  ["pdiff run gly", ["glyphs-cnn"]],
  ["pdiff sample runs/", ["runs/one", "runs/two"]],
  ["pdiff run mnist-cnn zoo.k", ["zoo.kind="]],
  ["pdiff run --dry", ["--dry-run"]],
  ["pdiff export runs/one --names ", ["timm", "torchvision"]],
  ["pdiff data get cif", ["cifar-10", "cifar-100"]],
  ["pdiff networks vi", ["vit-mini"]],
  ["pdiff completion z", ["zsh"]],
  ["pdiff help fi", ["fit"]],
  ["nnd -q ver", ["verify"]],
];

describe("completion in bash", () => {
  /** What bash offers for a command line, which it splits at spaces and equals signs. */
  function complete(line: string): string[] {
    const words = line.split(/ |(=)/).filter((word) => word !== undefined);
    const { stdout, stderr } = spawnSync(
      "bash",
      [
        "-c",
        `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pdiff; printf '%s\\n' "\${COMPREPLY[@]}"`,
        "bash",
        ...words,
      ],
      { cwd: folder, encoding: "utf8" },
    );
    expect(stderr).toBe("");
    return stdout.split("\n").filter(Boolean);
  }

  it.each(cases)("completes %j", (line, expected) => expect(complete(line)).toEqual(expected));

  it("offers the values of a key behind its equals sign", () => {
    expect(complete("pdiff run glyphs-cnn zoo.kind=")).toEqual(["seeds", "orders"]);
    expect(complete("pdiff run glyphs-cnn zoo.kind=s")).toEqual(["seeds"]);
  });

  it("offers every command after the program's name", () => {
    const names = buildProgram().commands.map((command) => command.name());
    expect(complete("pdiff ")).toEqual([...names, "help"]);
  });
});

describe.skipIf(!has("fish"))("completion in fish", () => {
  it.each(cases)("completes %j", (line, expected) => {
    const { stdout, stderr } = spawnSync("fish", ["-N", "-c", "source ./fish; complete -C $argv[1]", line], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout.split("\n").map((offer) => offer.split("\t")[0])).toEqual(expect.arrayContaining([...expected]));
  });
});

describe("the script for zsh", () => {
  it.skipIf(!has("zsh"))("is loaded, and completes all names of the program", () => {
    const { stdout, stderr } = spawnSync(
      "zsh",
      ["-f", "-c", "autoload -Uz compinit; compinit -u -D; source ./zsh; print $_comps[pdiff] $_comps[nnd]"],
      { cwd: folder, encoding: "utf8" },
    );
    expect({ stdout, stderr }).toEqual({ stdout: "_pdiff _pdiff\n", stderr: "" });
  });

  it("knows what the others know", () => {
    for (const word of ["glyphs-cnn", "vit-mini", "cifar-100", "zoo.kind=", "--dry-run", "torchvision"])
      for (const script of Object.values(scripts)) expect(script).toContain(word.replace(/^--/, ""));
  });
});
