/**
 * npm run kill -- N [--seed S] [--only NAME] [--keep]
 *
 * Kills the program N times (SIGKILL) at random moments of all it does, with worker processes and
 * commands alive, and starts it again each time. What it wrote in the end is compared with what an
 * undisturbed process wrote: byte by byte, except for what holds times (test/compare/excluded.ts).
 * Prints a table; the exit code is 1 when anything differs, a process of the killed program lives
 * five seconds longer, a temporary file is left, or a stack is printed.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { foldIn, key, uniform } from "../../src/random/index.ts";
import { compareFolders } from "../compare/compare-folders.ts";
import { writeInputs } from "../compare/inputs.ts";
import { nothingRenamed } from "../compare/renames.ts";
import { orphans, runNode, type Surroundings } from "./processes.ts";
import { type Places, type Scenario, scenarios } from "./scenarios.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Seconds in which the processes of a killed program must end. */
const ORPHAN_SECONDS = 5;
/** Kills of one run before it is left alone. */
const MAX_KILLS = 8;
/** The bytes of a download, and how many are sent at a time. */
const DOWNLOAD_BYTES = 3_000_000;
const PIECE_BYTES = 50_000;
const PIECE_MS = 40;

/** What killing a scenario came to. */
interface Tally {
  kills: number;
  /** Kills at which workers or commands of the program were alive. */
  withOthers: number;
  runs: number;
  orphans: number;
  temporaries: number;
  /** Files that were compared, and of those the ones with the same bytes. */
  files: number;
  sameBytes: number;
  readonly problems: string[];
}

/** Builds the program beside its packages, which starts faster than its source. */
function build(folder: string): string {
  execFileSync(join(root, "node_modules/.bin/tsdown"), ["--out-dir", join(folder, "dist"), "--log-level", "error"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  for (const name of ["package.json", "recipes"]) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return join(folder, "dist", "pdiff.js");
}

/** Serves bytes slowly, from where they are asked for. */
async function serveSlowly(content: Buffer): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    let at = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = at > 0 ? { "content-range": `bytes ${at}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(at > 0 ? 206 : 200, { etag: '"one"', "content-length": content.length - at, ...range });
    const timer = setInterval(() => {
      response.write(content.subarray(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
      if (at < content.length) return;
      clearInterval(timer);
      response.end();
    }, PIECE_MS);
    response.on("close", () => clearInterval(timer)).on("error", () => {});
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/values.bin`, server };
}

/** The temporary files and folders below a folder. */
const temporariesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(tmp|making)$/.test(name));

/** A folder for one run: where it works, its home and its temporary folder. */
function surroundings(folder: string, mark: string): Surroundings {
  const [cwd, home, temporary] = ["work", "home", "tmp"].map((name) => join(folder, name)) as [string, string, string];
  for (const each of [cwd, home, temporary]) mkdirSync(each, { recursive: true });
  return { mark, cwd, env: { HOME: home, TMPDIR: temporary } };
}

/** Runs a scenario undisturbed. Returns the seconds of each command. */
async function undisturbed(scenario: Scenario, around: Surroundings): Promise<number[]> {
  scenario.prepare(around.cwd);
  const seconds: number[] = [];
  for (const words of scenario.commands) {
    const ended = await runNode(words, around, undefined);
    if (ended.code !== 0) throw new Error(`${scenario.name}, undisturbed, ended with ${ended.code}: ${ended.stderr}`);
    seconds.push(ended.seconds);
  }
  return seconds;
}

/** What is expected of a killed scenario, and how it is killed. */
interface Killing {
  readonly expected: string;
  /** Seconds of each command when nothing disturbs it. */
  readonly seconds: readonly number[];
  /** Kills at most, and numbers from 0 to 1 for their moments. */
  readonly most: number;
  random(): number;
}

/** Runs a scenario, kills it at random moments, and compares what it wrote in the end. */
async function killed(scenario: Scenario, around: Surroundings, killing: Killing, tally: Tally): Promise<void> {
  scenario.prepare(around.cwd);
  tally.runs++;
  let kills = 0;
  for (const [index, words] of scenario.commands.entries()) {
    let left = killing.seconds[index] ?? 0;
    for (;;) {
      const after = kills < killing.most ? killing.random() * left : undefined;
      const ended = await runNode(words, around, after);
      if (/^ {2,}at |node:internal|^Node\.js v/m.test(ended.stderr))
        tally.problems.push(`${scenario.name}: a stack was printed: ${ended.stderr.slice(-500)}`);
      if (ended.code === 0) break;
      if (ended.code !== null) {
        tally.problems.push(`${scenario.name}: ended with ${ended.code}: ${ended.stderr.slice(-500)}`);
        return;
      }
      kills++;
      tally.kills++;
      if (ended.others > 0) tally.withOthers++;
      const alive = await orphans(around.mark, ORPHAN_SECONDS);
      tally.orphans += alive.length;
      tally.problems.push(...alive.map((each) => `${scenario.name}: alive after ${ORPHAN_SECONDS} s: ${each}`));
      if (scenario.isDone?.(around.cwd, index)) break;
      left = Math.max(left - (after ?? 0), (killing.seconds[index] ?? 0) / 5);
    }
  }
  const leftovers = [around.cwd, around.env.TMPDIR ?? ""].flatMap(temporariesIn);
  tally.temporaries += leftovers.length;
  tally.problems.push(...leftovers.map((each) => `${scenario.name}: left over: ${each}`));
  const compared = compareFolders(killing.expected, join(around.cwd, scenario.output), nothingRenamed);
  tally.files += compared.files;
  tally.sameBytes += compared.sameBytes;
  for (const { where, old, new: now } of compared.differences)
    tally.problems.push(`${scenario.name}: ${where}: ${old} undisturbed, ${now} here`);
}

/** Kills a scenario as often as it is due. */
async function killScenario(
  scenario: Scenario,
  { work, kills, seed }: { readonly work: string; readonly kills: number; readonly seed: number },
): Promise<Tally> {
  const tally: Tally = {
    kills: 0,
    withOthers: 0,
    runs: 0,
    orphans: 0,
    temporaries: 0,
    files: 0,
    sameBytes: 0,
    problems: [],
  };
  const slug = scenario.name.replace(/\W+/g, "-");
  const first = surroundings(join(work, `${slug}-undisturbed`), `${process.pid}-${slug}`);
  const seconds = await undisturbed(scenario, first);
  const expected = join(first.cwd, scenario.output);
  let drawn = 0;
  const random = () => uniform(foldIn(key(seed), scenario.name, drawn++), 1)[0] ?? 0;
  // A run may end before it is killed.
  for (let run = 1; tally.kills < kills && run <= 3 * kills; run++) {
    const folder = join(work, `${slug}-${run}`);
    const most = Math.min(MAX_KILLS, kills - tally.kills);
    const before = tally.problems.length;
    await killed(
      scenario,
      surroundings(folder, `${process.pid}-${slug}-${run}`),
      { expected, seconds, most, random },
      tally,
    );
    if (tally.problems.length === before) rmSync(folder, { recursive: true, force: true });
    console.error(`${scenario.name}: ${tally.kills} of ${kills} kills, ${tally.problems.length} problems`);
  }
  return tally;
}

/** Makes what scenarios need. */
async function makePlaces(work: string): Promise<{ places: Places; server: Server }> {
  const program = build(join(work, "program"));
  const inputs = join(work, "inputs");
  mkdirSync(inputs);
  writeInputs(inputs);
  // A command that can be caught alive.
  writeFileSync(
    join(inputs, "slow-score.mjs"),
    'await new Promise((resolve) => setTimeout(resolve, 300));\nawait import("./score.mjs");\n',
  );
  const content = Buffer.from(uniform(key(1), DOWNLOAD_BYTES / 4).buffer);
  const { url, server } = await serveSlowly(content);
  const download = { url, bytes: content.length, md5: createHash("md5").update(content).digest("hex") };
  const places = {
    program,
    inputs,
    finished: join(work, "trajectory-undisturbed", "work", "run"),
    archive: join(work, "export-archive-undisturbed", "work", "away", "run.tar"),
    download,
  };
  return { places, server };
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      keep: { type: "boolean", default: false },
    },
  });
  const total = Number(positionals[0] ?? 200);
  if (!Number.isInteger(total) || total < 1 || process.platform !== "linux")
    throw new Error("Usage, on Linux: npm run kill -- N [--seed S] [--only NAME] [--keep]");
  const work = mkdtempSync(join(tmpdir(), "pdiff-kills-"));
  const { places, server } = await makePlaces(work);
  const problems: string[] = [];
  const rows = [
    ["what", "kills", "workers alive", "runs", "orphans", "left over", "files compared", "same bytes", "problems"],
  ];
  try {
    for (const scenario of scenarios(places)) {
      const wanted = values.only === undefined || scenario.name.startsWith(values.only);
      const kills = wanted ? Math.max(1, Math.round((total * scenario.share) / 100)) : 0;
      const tally = await killScenario(scenario, { work, kills, seed: Number(values.seed) });
      problems.push(...tally.problems);
      const { kills: done, withOthers, runs, orphans: alive, temporaries, files, sameBytes } = tally;
      rows.push([
        scenario.name,
        ...[done, withOthers, runs, alive, temporaries, files, sameBytes, tally.problems.length].map(String),
      ]);
    }
  } finally {
    server.close();
    server.closeAllConnections();
    if (!values.keep && problems.length === 0) rmSync(work, { recursive: true, force: true });
  }
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  for (const problem of problems) console.log(problem);
  if (values.keep || problems.length > 0) console.log(`kept: ${work}`);
  return problems.length === 0;
}

process.exitCode = (await main()) ? 0 : 1;
