import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sha256File } from "./atomic.ts";
import { openRegular, openRegularSync, readProblem, readRegular } from "./regular-file.ts";

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pdiff-regular-"));
  writeFileSync(join(folder, "file"), "text");
  execFileSync("mkfifo", [join(folder, "pipe")]);
  server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** The problem for which something is refused. */
const problemOf = (open: () => Promise<unknown>): Promise<string | undefined> =>
  open().then(
    () => expect.fail("it was opened"),
    (error) => readProblem(error)?.problem,
  );

/** The problem with a file, by each way to open one. */
async function problems(path: string): Promise<(string | undefined)[]> {
  const ways = [
    () => openRegular(path),
    async () => openRegularSync(path),
    () => readRegular(path, 100),
    () => sha256File(path),
  ];
  return Promise.all(ways.map((open) => problemOf(open)));
}

describe("a file that is no regular one is refused by name, without waiting", () => {
  it.each([
    ["a named pipe", () => join(folder, "pipe"), "it is a named pipe, not a plain file"],
    ["a socket", () => join(folder, "socket"), "it is a socket, not a plain file"],
    ["a device", () => "/dev/zero", "it is a device, not a plain file"],
    ["a folder", () => folder, "it is a folder, not a plain file"],
    ["a file that is missing", () => join(folder, "none"), "there is no such file"],
    ["a path below a file", () => join(folder, "file", "below"), "there is no such file"],
  ])("%s", async (_, path, problem) => {
    expect(await problems(path())).toEqual(Array(4).fill(problem));
  });
});

it("a regular file is opened and read", async () => {
  const path = join(folder, "file");
  const handle = await openRegular(path);
  expect(await handle.readFile("utf8")).toBe("text");
  await handle.close();
  const { descriptor, status } = openRegularSync(path);
  closeSync(descriptor);
  expect(status.size).toBe(4);
  expect((await readRegular(path, 4)).toString()).toBe("text");
});

it("a file of more bytes than allowed is not read", async () => {
  const problem = await problemOf(() => readRegular(join(folder, "file"), 3));
  expect(problem).toBe("it has 4 bytes, at most 3 are read");
});

it("too many open files have an advice of their own", () => {
  const error = (code: string) => Object.assign(new Error(code), { code, syscall: "open" });
  for (const code of ["EMFILE", "ENFILE"]) expect(readProblem(error(code))?.advice).toContain("ulimit -n");
  expect(readProblem(error("EIO"))).toEqual({ problem: "the system says EIO" });
  expect(readProblem(new Error("a bug"))).toBeUndefined();
});
