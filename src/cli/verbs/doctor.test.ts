import { describe, expect, it } from "vitest";

import { call, program } from "../spawn.fixture.ts";

describe("pdiff doctor", () => {
  it("prints versions, devices, speed, disk and data sets as one document with --json", async () => {
    const { code, stdout } = await call(program, ["doctor", "--json"], { cwd: import.meta.dirname });
    expect(code).toBe(0);
    const { versions, devices, matMul, disk, data } = JSON.parse(stdout);
    expect(versions).toMatchObject({ pdiff: expect.any(String), node: expect.any(String) });
    expect(devices.find(({ name }: { name: string }) => name === "cpu")).not.toHaveProperty("problem");
    expect(matMul.speeds.map(({ threads }: { threads: number }) => threads)).toContain(matMul.fastest);
    expect(disk.freeBytes).toBeGreaterThan(0);
    expect(data.sets.find(({ name }: { name: string }) => name === "glyphs")).toEqual({ name: "glyphs" });
    expect(data.sets.map(({ name }: { name: string }) => name)).not.toContain("folder");
  });
});
