import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/tiny-run.ts";
import { commandMeasure, missingProgram } from "./command.ts";

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
/** A signal that does not abort. */
const never = () => new AbortController().signal;
const run = async (text: string, path = "some.pth", signal = never()) => commandMeasure(program(text))(path, signal);

/**
 * The arguments, and the variable, that a program finds where its places stand in a command like
 * this.
 */
async function seenBy(put: (place: string) => string, path: string): Promise<{ words: string[]; env: string }> {
  const out = join(folders.make(), "seen.json");
  const text = `
    import { writeFileSync } from "node:fs";
    const seen = { words: process.argv.slice(2), env: process.env.PDIFF_CHECKPOINT };
    writeFileSync(${JSON.stringify(out)}, JSON.stringify(seen));
    console.log(1);`;
  await commandMeasure(program(text).replace("{checkpoint}", () => put("{checkpoint}")))(path, never());
  return JSON.parse(readFileSync(out, "utf8"));
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
/** When a measurement has come to its end, whatever it is. */
async function settled(work: unknown): Promise<void> {
  try {
    await work;
  } catch {
    // That it failed is looked at elsewhere.
  }
}
/** Waits until something holds, for at most five seconds. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(holds()).toBe(true);
}

describe("a command as a measure", () => {
  it("gives the number, or the object, of the last line it prints", async () => {
    expect(await run("console.log('epoch 1\\n0.5'); console.log('93.25\\n')")).toEqual({ value: 93.25 });
    expect(
      await run("console.log('log'); console.log(JSON.stringify({ loss: 1e-3, name: 'x', by: { a: 1 } }))"),
    ).toEqual({ loss: 1e-3 });
    expect(await run('console.log(\'{"acc": 1, "NaN": "NaN", "by": {"a": NaN}}\')')).toEqual({ acc: 1 });
  });

  it("takes a number as other languages print it, after a progress bar too", async () => {
    for (const [printed, value] of [
      ["+1.", 1],
      [".5", 0.5],
      ["-2E3", -2000],
      ["10%\\r100%\\r0.75", 0.75],
    ] as const)
      expect(await run(`console.log('${printed}')`)).toEqual({ value });
  });

  it("is given the checkpoint's path as one word, whatever is in it", async () => {
    const odd = join(folder, 'it\'s a $(touch pwned) "file"; `x` {}.pth');
    const seen = await seenBy((place) => place, odd);
    expect(seen).toEqual({ words: [odd], env: odd });
    expect(existsSync("pwned")).toBe(false);
  });

  it("may have quotes around the place, which change nothing", async () => {
    const odd = 'it\'s a $(touch pwned) `touch pwned` "file".pth';
    for (const around of ['"', "'"])
      expect((await seenBy((place) => `${around}${place}${around} '--to='${place}`, odd)).words).toEqual([
        odd,
        `--to=${odd}`,
      ]);
    expect(existsSync("pwned")).toBe(false);
  });

  it("puts only a plain path within other quotes, where somebody else may read it", async () => {
    const quotes = [
      (place: string) => `"--in=${place}"`,
      (place: string) => `'--in=${place}'`,
      (place: string) => `"$(echo "--in=${place}")"`,
      (place: string) => `"$(echo '--in=${place}')"`,
    ];
    for (const put of quotes) {
      expect((await seenBy(put, "runs/é-1/0001.pth")).words).toEqual(["--in=runs/é-1/0001.pth"]);
      for (const odd of ["a b", "$(touch pwned)", "`touch pwned`", "';touch pwned;'", '"; touch pwned; "', "$HOME"])
        await expect(seenBy(put, odd)).rejects.toMatchObject({
          code: "E_CONFIG",
          message: expect.stringContaining("outside of them"),
        });
    }
    expect(existsSync("pwned")).toBe(false);
  });

  it("never has the shell expand a path, whatever the quotes around its places", async () => {
    const file = join(folder, "expanded");
    const touch = `touch ${file}`;
    const paths = [`$(${touch})`, `\`${touch}\``, `;${touch};`, `';${touch};'`, `";${touch};"`, `\n${touch}\n`];
    const pieces = ["'", '"', "\\", "`", "$(", ")", " # ", "\n", " ", "$", "<<x", "x", "{checkpoint}"];
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.constantFrom(...paths), async (before, after, path) => {
        // The line may be no command at all: it is only not to carry out what is in the path.
        await settled(commandMeasure(`echo ${before.join("")}{checkpoint}${after.join("")}`)(path, never()));
        expect(existsSync(file)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("may be a line of the shell", async () => {
    const measure = commandMeasure("echo {checkpoint} | wc -c");
    expect(await measure("abc", never())).toEqual({ value: 4 });
  });

  it.each([
    ["prints nothing", "", "it printed nothing, expected a number or a JSON object"],
    ["prints words", "console.log('done')", "its last line is done, expected a number or a JSON object"],
    ["prints nothing but complaints", "console.error('a\\nno GPU')", /printed nothing.* \(a \/ no GPU\)$/],
    ["prints words that begin like numbers", "console.log('info: nan')", 'its last line is "info: nan", expected'],
    ["prints no number by name", 'console.log(\'{"name": "x", "a": [1]}\')', "it gave no number"],
    ["prints NaN", "console.log('nan')", "it gave value NaN, which is not finite"],
    ["prints an infinite number", "console.log('-inf')", "it gave value -Infinity, which is not finite"],
    ["prints a number that is too large", "console.log('1e999')", "it gave value Infinity, which is not finite"],
    ["prints NaN as Python does", 'console.log(\'{"acc": 1, "loss": NaN}\')', "it gave loss NaN, which is not finite"],
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
    const flood = `
      import { writeSync } from "node:fs";
      const piece = Buffer.from("x".repeat(2 ** 20 - 1) + "\\n");
      for (const to of [1, 2]) for (let i = 0; i < 100; i++) for (let at = 0; at < piece.length; )
        try { at += writeSync(to, piece, at); } catch (error) { if (error.code !== "EAGAIN") throw error; }
      console.log(7);`;
    expect(await run(flood)).toEqual({ value: 7 });
    const long = "console.log(JSON.stringify({ a: 1, x: 'x'.repeat(2 ** 21) }))";
    await expect(run(long)).rejects.toThrow('its last line is "x');
    const one = "process.stdout.write('\"' + '\\\\\"'.repeat(2 ** 20) + '\\n', () => process.exit())";
    await expect(run(one)).rejects.toThrow(/^its last line is .{1,400}, expected a number or a JSON object$/);
    await expect(run("console.error('x'.repeat(1e6)); process.exit(1)")).rejects.toThrow(/^.{1,600}$/);
  });

  it("says what was run and the last complaint where it fails", async () => {
    const failing = commandMeasure("echo oh >&2; exit 4 # {checkpoint}");
    await expect(failing("a.pth", never())).rejects.toMatchObject({ ran: "echo oh >&2; exit 4 # a.pth", said: "oh" });
    await expect(commandMeasure("no-such-program {checkpoint}")("a b", never())).rejects.toMatchObject({
      message: expect.stringMatching(/exit code 127 .*not found/),
      ran: "no-such-program 'a b'",
    });
  });

  it("ends a program that hangs, and its children, when the signal aborts", async () => {
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

  it("kills a program that ignores the signal to end", async () => {
    const file = join(folders.make(), "pid");
    const deaf = `
      import { writeFileSync } from "node:fs";
      process.on("SIGTERM", () => {});
      setInterval(() => {}, 1000);
      writeFileSync(${JSON.stringify(file)}, String(process.pid));`;
    const stop = new AbortController();
    // One command alone: the shell becomes the program.
    const work = commandMeasure(`exec ${program(deaf)}`)("x", stop.signal);
    void settled(work);
    await until(() => existsSync(file) && readFileSync(file, "utf8") !== "");
    stop.abort();
    await expect(work).rejects.toThrow("it ended with SIGKILL");
    await until(() => !isAlive(Number(readFileSync(file, "utf8"))));
  });

  it("starts nothing after the signal has aborted", async () => {
    const file = join(folders.make(), "started");
    await expect(commandMeasure(`touch '${file}'; echo {checkpoint}`)("1", AbortSignal.abort())).rejects.toThrow(
      "it was stopped",
    );
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ["exits at once", "process.exit(130)", 130],
    ["is killed", "process.kill(process.pid, 'SIGKILL')", "SIGKILL"],
  ])("ends its programs when this process %s", async (_, leave, status) => {
    const [file, script] = [join(folders.make(), "pid"), join(folders.make(), "leave.mts")];
    const hang = `
      import { writeFileSync } from "node:fs";
      setInterval(() => {}, 1000);
      writeFileSync(${JSON.stringify(file)}, String(process.pid));`;
    writeFileSync(
      script,
      `import { existsSync, readFileSync } from "node:fs";
      import { commandMeasure, missingProgram } from ${JSON.stringify(new URL("./command.ts", import.meta.url).href)};
      const file = ${JSON.stringify(file)};
      void commandMeasure(${JSON.stringify(program(hang))})("x", new AbortController().signal);
      setInterval(() => { if (existsSync(file) && readFileSync(file, "utf8") !== "") ${leave}; }, 20);`,
    );
    const left = spawnSync(process.execPath, ["--import", import.meta.resolve("tsx"), script], { encoding: "utf8" });
    expect([left.status ?? left.signal, left.stderr]).toEqual([status, ""]);
    await until(() => !isAlive(Number(readFileSync(file, "utf8"))));
  });

  it("does not wait for what a program leaves behind, and ends it", async () => {
    const pids = join(folders.make(), "pids");
    const leave = `
      import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
      child.unref();
      writeFileSync(${JSON.stringify(pids)}, String(child.pid));
      console.log(5);
      process.exit(0);`;
    expect(await run(leave)).toEqual({ value: 5 });
    await until(() => !isAlive(Number(readFileSync(pids, "utf8"))));
  });

  it("needs a place for the checkpoint", () => {
    expect(() => commandMeasure("python eval.py")).toThrow(
      expect.objectContaining({ code: "E_CONFIG", message: expect.stringContaining("'python eval.py {checkpoint}'") }),
    );
  });
});

describe("the program of a command", () => {
  it.each([
    "no-such-program {checkpoint}",
    "  no-such-program",
    "HOME=/tmp A= no-such-program --x",
    "'no-such-program' {checkpoint}",
    '"no-such-program" {checkpoint}',
  ])("is missing in %j", (command) => expect(missingProgram(command)).toBe("no-such-program"));

  it("is named with its path", () =>
    expect(missingProgram("./no/such/eval.sh {checkpoint}")).toBe("./no/such/eval.sh"));

  it.each([
    "sh eval.sh {checkpoint}",
    "cd folder && no-such-program {checkpoint}",
    "X=1 sh -c 'no-such-program'",
    process.execPath,
    // What these run first is not known without the shell.
    "$PROGRAM {checkpoint}",
    "(no-such-program)",
    "no-such-program; sh",
  ])("is not missing, or not known to be, in %j", (command) => expect(missingProgram(command)).toBeUndefined());
});
