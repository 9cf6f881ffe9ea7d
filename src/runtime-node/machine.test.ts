import { availableParallelism, totalmem } from "node:os";

import { afterEach, describe, expect, it, vi } from "vitest";

import { coreQuota, machineCores, machineMemory } from "./machine.ts";

afterEach(() => vi.restoreAllMocks());

describe("machineMemory", () => {
  it.each([
    ["a control group has less", 2 ** 28, 2 ** 28],
    ["nothing limits it", 0, totalmem()],
    ["the limit is none", 2 ** 64, totalmem()],
  ])("is the least that applies when %s", (_, limit, expected) => {
    vi.spyOn(process, "constrainedMemory").mockReturnValue(limit);
    expect(machineMemory()).toBe(expected);
  });
});

describe("coreQuota", () => {
  const among = (files: Readonly<Record<string, string>>) => (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT");
    return text;
  };

  it.each<[string, Record<string, string>, number]>([
    ["half a core", { "/sys/fs/cgroup/cpu.max": "50000 100000\n" }, 0.5],
    ["no limit", { "/sys/fs/cgroup/cpu.max": "max 100000\n" }, Infinity],
    [
      "three cores in version 1",
      { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" },
      3,
    ],
    [
      "no limit in version 1",
      { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" },
      Infinity,
    ],
    ["no control groups", {}, Infinity],
  ])("reads %s", (_, files, expected) => {
    expect(coreQuota(among(files))).toBe(expected);
  });

  it("leaves at least one core, and no more than there are", () => {
    expect(machineCores()).toBeGreaterThanOrEqual(1);
    expect(machineCores()).toBeLessThanOrEqual(availableParallelism());
  });
});
