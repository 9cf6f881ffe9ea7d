import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it } from "vitest";

import { hostileInputs } from "./all.ts";
import type { Outcome } from "./child.ts";

/** Processes at once, and seconds after which one that has not ended is killed. */
const PARTS = 2;
const KILL_AFTER_S = 300;

/**
 * What an input may take: seconds of work, and bytes. None takes two seconds on a machine that does
 * nothing else; cores that are shared count more than twice as many for the same work.
 */
const MAX_SECONDS = 5;
const MAX_BYTES = 512e6;

/** What became of the inputs of one part. */
function readPart(part: number): Promise<{ outcomes: Outcome[]; last: string; ended: string }> {
  const script = fileURLToPath(new URL("./child.ts", import.meta.url));
  const options = ["--import", "tsx", "--expose-gc", "--max-old-space-size=1024"];
  const child = spawn(process.execPath, [...options, script, String(part), String(PARTS)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pieces: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (piece: string) => void pieces.push(piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => void errors.push(piece));
  const timer = setTimeout(() => child.kill("SIGKILL"), 1000 * KILL_AFTER_S);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const lines = pieces
        .join("")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
      const outcomes = lines.filter((line) => "seconds" in line);
      resolve({ outcomes, last: lines.at(-1)?.name ?? "nothing", ended: signal ?? `${code} ${errors.join("")}` });
    });
  });
}

describe("hostile inputs", () => {
  const outcomes: Outcome[] = [];
  beforeAll(
    async () => {
      const parts = await Promise.all(Array.from({ length: PARTS }, (_, part) => readPart(part)));
      for (const { outcomes: some, last, ended } of parts) {
        expect(ended, `the process ended at: ${last}`).toBe("0 ");
        outcomes.push(...some);
      }
    },
    1000 * KILL_AFTER_S + 10_000,
  );

  it("are more than 200, each under a name of its own, and all came to an end", () => {
    expect(hostileInputs.length).toBeGreaterThan(200);
    expect(new Set(hostileInputs.map(({ name }) => name)).size).toBe(hostileInputs.length);
    expect(outcomes.length).toBe(hostileInputs.length);
  });

  it("are refused as a user's mistake or read, and never fail otherwise", () => {
    expect(outcomes.filter(({ failed }) => failed !== null)).toEqual([]);
    expect(outcomes.filter(({ refused }) => refused !== null).length).toBeGreaterThan(0.9 * outcomes.length);
  });

  it("are refused in one short line", () => {
    const odd = outcomes.filter(
      ({ refused }) => refused !== null && (refused.length > 2000 || /\p{Cc}/u.test(refused)),
    );
    expect(odd).toEqual([]);
  });

  it("take little work and memory", () => {
    expect(outcomes.filter(({ seconds, bytes }) => seconds > MAX_SECONDS || bytes > MAX_BYTES)).toEqual([]);
  });

  it("run nothing and write nothing outside", () => {
    for (const path of ["PWNED", "/tmp/PWNED", "/tmp/evil"]) expect(existsSync(path)).toBe(false);
  });
});
