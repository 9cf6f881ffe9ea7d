import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/tiny-run.ts";
import { commandMeasure } from "./command.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let folder: string;
beforeAll(() => {
  folder = folders.make();
});

/** A program that runs a text of JavaScript; its argument is the checkpoint. */
function program(text: string): string {
  const file = join(folders.make(), "program.mjs");
  writeFileSync(file, `const path = process.argv[2];\n${text}`);
  return `"${process.execPath}" "${file}" {checkpoint}`;
}
const run = async (text: string, path = "some.pth", signal = new AbortController().signal) =>
  commandMeasure(program(text))(path, signal);

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
/** Waits until something holds, for at most five seconds. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(holds()).toBe(true);
}

describe("a command as a measure", () => {
  it("gives the number, or the object, of the last line it prints", async () => {
    expect(await run("console.log('epoch 1\\n0.5'); console.log('93.25\\n')")).toBe(93.25);
    expect(await run("console.log('log'); console.log(JSON.stringify({ loss: 1e-3, name: 'x' }))")).toEqual({
      loss: 1e-3,
      name: "x",
    });
    expect(await run("console.log('nan')")).toBeNaN();
  });

  it("is given the checkpoint's path as one word, whatever is in it", async () => {
    const odd = join(folder, 'it\'s a $(touch pwned) "file"; `x` {}.pth');
    expect(await run("console.log(JSON.stringify({ path, env: process.env.PDIFF_CHECKPOINT }))", odd)).toEqual({
      path: odd,
      env: odd,
    });
    expect(existsSync("pwned")).toBe(false);
  });

  it("may be a line of the shell", async () => {
    const measure = commandMeasure("echo {checkpoint} | wc -c");
    expect(await measure("abc", new AbortController().signal)).toBe(4);
  });

  it.each([
    ["prints nothing", "", "it printed nothing, expected a number or a JSON object"],
    ["prints words", "console.log('done')", "its last line is done, expected a number or a JSON object"],
    ["prints a list", "console.log('[1]')", 'its last line is "[1]", expected a number or a JSON object'],
    [
      "ends with an error",
      "console.log(1); console.error('a\\nb\\nTraceback\\nKeyError: x'); process.exit(3)",
      "it ended with exit code 3 (b / Traceback / KeyError: x)",
    ],
    ["is killed", "process.kill(process.pid, 'SIGKILL')", /it ended with (SIGKILL|exit code 137)/],
  ])("fails where the program %s", async (_, text, message) => {
    await expect(run(text)).rejects.toThrow(message);
  });

  it("keeps the end of what a program floods, and no more", async () => {
    const flood = "for (let i = 0; i < 300; i++) process.stdout.write('x'.repeat(2 ** 17) + '\\n'); console.log(7)";
    expect(await run(flood)).toBe(7);
  });

  it("ends a program that hangs, and what that has started, when it is told to", async () => {
    const pids = join(folders.make(), "pids");
    const hang = `
      import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
      writeFileSync(${JSON.stringify(pids)}, process.pid + " " + child.pid);
      setInterval(() => {}, 1000);`;
    const stop = new AbortController();
    const work = run(hang, "x", stop.signal);
    work.catch(() => {});
    await until(() => existsSync(pids) && readFileSync(pids, "utf8").includes(" "));
    stop.abort();
    await expect(work).rejects.toThrow(/it ended with/);
    const [parent, child] = readFileSync(pids, "utf8").split(" ").map(Number) as [number, number];
    await until(() => !isAlive(parent) && !isAlive(child));
  });

  it("does not wait for what a program leaves behind, and ends it", async () => {
    const pids = join(folders.make(), "pids");
    mkdirSync(folder, { recursive: true });
    const leave = `
      import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
      child.unref();
      writeFileSync(${JSON.stringify(pids)}, String(child.pid));
      console.log(5);
      process.exit(0);`;
    expect(await run(leave)).toBe(5);
    await until(() => !isAlive(Number(readFileSync(pids, "utf8"))));
  });

  it("needs a place for the checkpoint", () => {
    expect(() => commandMeasure("python eval.py")).toThrow(
      expect.objectContaining({ code: "E_CONFIG", message: expect.stringContaining("'python eval.py {checkpoint}'") }),
    );
  });
});
