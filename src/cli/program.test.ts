import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import metadata from "../../package.json" with { type: "json" };
import { call, program } from "./spawn.fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

const pdiff = (...words: string[]) => call(program, words, { cwd: folder });

const stages = ["collect", "fit", "sample", "evaluate", "audit", "report"];
const verbs = ["run", "config", ...stages, "runs", "networks", "export", "import", "inspect", "doctor"];

describe("pdiff without a verb", () => {
  it("prints its version with --version", async () => {
    expect(await pdiff("--version")).toEqual({ code: 0, stdout: `${metadata.version}\n`, stderr: "" });
  });

  it("prints its help with every verb and examples, also without --help", async () => {
    const help = await pdiff("--help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const verb of verbs) expect(help.stdout).toMatch(new RegExp(`^  ${verb} `, "m"));
    expect(help.stdout).toContain("Examples:");
    expect(await pdiff()).toEqual(help);
  });

  it.each(verbs)("prints examples and the global options when %s gets --help", async (verb) => {
    const { code, stdout } = await pdiff(verb, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\n.*pdiff ${verb}`));
    expect(stdout).toContain("--json");
  });
});

describe("a wrong command line", () => {
  it.each([
    [["rnu"], /unknown command 'rnu' \(Did you mean run\?\); see \S+ --help/],
    [["run", "a.yaml", "--dry-rum"], /unknown option '--dry-rum' \(Did you mean --dry-run\?\); see \S+ run --help/],
    [["inspect"], /missing required argument 'paths'; see \S+ inspect --help/],
    [["export", "a", "b", "--to", "c"], /too many arguments for 'export'/],
    [["run", "a.yaml", "--run"], /option '--run <folder>' argument missing/],
    [["networks", "--classes", "0"], /'--classes <n>' argument '0' is invalid\. Expected a whole number from 1\./],
    [["networks", "resnet18", "--size", "1e3"], /'--size <pixels>' argument '1e3' is invalid/],
    [["networks", "resent18"], /there is no network "resent18"\. Did you mean resnet18\?/],
    [["export", "runs/x"], /required option '--to <folder>' not specified; see \S+ export --help/],
    [["export", "runs/x", "--to", "y", "--group", "all"], /'--group <group>' argument 'all' is invalid.*samples, zoo/],
  ])("prints one line and exits with 2: %j", async (words, message) => {
    const { code, stdout, stderr } = await pdiff(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^pdiff: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });

  it("prints an object with --json", async () => {
    const { code, stdout, stderr } = await pdiff("rnu", "--json");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({ error: { code: "E_USAGE", message: expect.stringContaining("rnu") } });
  });
});
