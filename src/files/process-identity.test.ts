import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { isRunning, thisProcess } from "./process-identity.ts";

describe("the identity of a process", () => {
  it("says that this process runs", () => {
    expect(thisProcess()).toMatchObject({ pid: process.pid, machine: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(isRunning(thisProcess())).not.toBe(false);
  });

  it("says that a process which ended does not run", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    expect(isRunning({ ...thisProcess(), pid: child.pid ?? 0 })).toBe(false);
  });

  it("cannot say so of a process of another machine", () => {
    expect(isRunning({ ...thisProcess(), machine: "another" })).toBeUndefined();
  });

  it.runIf(process.platform === "linux")("tells a process from an older one of the same number", () => {
    expect(isRunning({ ...thisProcess(), started: "1" })).toBe(false);
    expect(isRunning(thisProcess())).toBe(true);
  });
});
