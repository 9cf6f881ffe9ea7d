import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Lock, lockHolder, takeLock } from "./lock.ts";

let folder: string;
let path: string;
const children: ChildProcess[] = [];
const locks: Lock[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-lock-"));
  path = join(folder, "lock.json");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const lock of locks.splice(0)) await lock.release();
  await rm(folder, { recursive: true, force: true });
});

const take = async (options = {}) => {
  const lock = await takeLock(path, options);
  locks.push(lock);
  return lock;
};

const HOLD = `
  const { takeLock } = await import(${JSON.stringify(new URL("./lock.ts", import.meta.url).href)});
  try {
    await takeLock(process.argv[1]);
    console.log("taken");
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(error.message);
  }`;

/** Takes the lock in another process; resolves with what it says. */
function takeElsewhere(...through: readonly string[]): { child: ChildProcess; said: Promise<string> } {
  const command = [...through, process.execPath, "--import", import.meta.resolve("tsx"), "-e", HOLD, path];
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return { child, said: new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text).trim()))) };
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once("exit", resolve));

/** Rewrites the lock's file as a process on another machine would have left it. */
async function moveElsewhere(secondsAgo: number): Promise<void> {
  const found = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...found, host: "node7", machine: "0123456789ab" }));
  const then = Date.now() / 1000 - secondsAgo;
  await utimes(path, then, then);
}

const busy = (who: string) =>
  expect.objectContaining({ code: "E_RUN", message: expect.stringContaining(`${who} is at work in ${folder}`) });

describe("the lock of a folder", () => {
  it("is held until it is released, also against the same process", async () => {
    const lock = await take();
    expect(await lockHolder(path)).toMatchObject({ pid: process.pid });
    await expect(takeLock(path)).rejects.toEqual(busy(`process ${process.pid}`));
    await lock.release();
    expect(await lockHolder(path)).toBeUndefined();
    await take();
    expect(await readdir(folder)).toEqual(["lock.json"]);
  });

  it("goes to exactly one of several that ask at the same moment", async () => {
    for (let round = 0; round < 20; round++) {
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path)));
      const taken = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(taken).toHaveLength(1);
      for (const lock of taken) await lock.release();
    }
  });

  it("goes to exactly one of several that find the holder gone", async () => {
    for (let round = 0; round < 20; round++) {
      const gone = { host: "here", machine: "", pid: 1, started: "", token: `t${round}`, folder: "0" };
      await writeFile(path, JSON.stringify(gone));
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path)));
      const taken = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(taken).toHaveLength(1);
      for (const lock of taken) await lock.release();
    }
  });

  it("is refused while another process holds it, also a stopped one, and free once that is killed", async () => {
    const { child, said } = takeElsewhere();
    expect(await said).toBe("taken");
    child.kill("SIGSTOP");
    // Silent for an hour, but alive.
    await utimes(path, 0, Date.now() / 1000 - 3600);
    await expect(takeLock(path)).rejects.toEqual(busy(`process ${child.pid}`));
    child.kill("SIGKILL");
    await ended(child);
    await take();
  });

  it("is not held by a process that has the number of the holder and started at another time", async () => {
    await take();
    const found = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...found, started: "1" }));
    expect(await lockHolder(path)).toBeUndefined();
  });

  it.each([
    ["a minute ago", 60, true],
    ["ten minutes ago", 600, false],
    ["in an hour, by a clock that was set back since", -3600, false],
  ])("of another host that renewed it %s: held %s", async (_, secondsAgo, held) => {
    await take();
    await moveElsewhere(secondsAgo);
    if (held) await expect(takeLock(path)).rejects.toEqual(busy(`process ${process.pid} on node7`));
    else await take();
  });

  it("is renewed while it is held, whatever the holder does", async () => {
    await take({ renewEveryMs: 20 });
    const old = new Date(Date.now() - 3_600_000);
    await utimes(path, old, old);
    await pause(200);
    expect(await lockHolder(path)).toBeDefined();
    const { mtimeMs } = await import("node:fs/promises").then((fs) => fs.stat(path));
    expect(Date.now() - mtimeMs).toBeLessThan(10_000);
  });

  it("tells a holder that was silent for too long that another one took over", async () => {
    const sleeper = await take({ renewEveryMs: 300 });
    await moveElsewhere(3600);
    const next = await take();
    while (!sleeper.lost.aborted) await pause(20);
    expect(sleeper.lost.reason).toMatchObject({ code: "E_RUN", message: expect.stringContaining("has taken over") });
    await sleeper.release();
    // The lock of the other one stays.
    await expect(takeLock(path)).rejects.toMatchObject({ code: "E_RUN" });
    expect(next.lost.aborted).toBe(false);
  });

  it("does not hold a copy of the folder", async () => {
    await take();
    const copy = `${folder}-copy`;
    cpSync(folder, copy, { recursive: true });
    try {
      expect(await lockHolder(join(copy, "lock.json"))).toBeUndefined();
      await (await takeLock(join(copy, "lock.json"))).release();
    } finally {
      await rm(copy, { recursive: true });
    }
  });

  it("is taken over from a file that is damaged", async () => {
    await writeFile(path, "{");
    await take();
    expect(await readdir(folder)).toEqual(["lock.json"]);
  });

  it("is taken over at once from a process that was killed while it took the lock over", async () => {
    const { child, said } = takeElsewhere();
    expect(await said).toBe("taken");
    child.kill("SIGKILL");
    await ended(child);
    // It holds both files.
    await copyFile(path, `${path}.takeover`);
    await take();
    expect(await readdir(folder)).toEqual(["lock.json"]);
  });

  it("waits for a process that takes the lock over, and not longer than a minute", async () => {
    await writeFile(path, "{");
    await writeFile(`${path}.takeover`, "");
    const almost = Date.now() / 1000 - 58;
    await utimes(`${path}.takeover`, almost, almost);
    const began = Date.now();
    await take();
    expect(Date.now() - began).toBeGreaterThan(1000);
    expect(await readdir(folder)).toEqual(["lock.json"]);
  }, 60_000);

  const canUnshare = spawnSync("unshare", ["--pid", "--fork", "true"]).status === 0;
  it.skipIf(!canUnshare)("holds against a process in another container (needs the right to make one)", async () => {
    await take();
    const { said } = takeElsewhere("unshare", "--pid", "--fork");
    expect(await said).toContain(`process ${process.pid} on `);
  });
});
