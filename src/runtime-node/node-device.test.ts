import { describe, expect, it } from "vitest";

import { add, input } from "../graph/index.ts";
import { compile, type Device, deviceNames } from "../runtime/index.ts";
import { availableDevices, nodeDevice } from "./node-device.ts";

const build = () => ({ y: add(input("x", [1]), 1) });

describe("node devices", () => {
  it("are all tried, and the CPU always works", async () => {
    const devices = await availableDevices();
    expect(devices.map((d) => d.name)).toEqual([...deviceNames]);
    expect(devices[0]).toEqual({ name: "cpu", problem: undefined });
  });

  it("throw E_DEVICE when they do not work here, with the reason and those that work", async () => {
    const devices = await availableDevices();
    const working = devices.filter((d) => d.problem === undefined).map((d) => d.name);
    const broken = devices.filter((d) => d.problem !== undefined).map((d) => d.name);
    for (const name of [...broken, "abacus" as Device["name"]]) {
      const message = expect.stringMatching(
        new RegExp(`^device ${name} does not work here \\(.+\\); available: ${working.join(", ")}$`),
      );
      for (const attempt of [1, 2])
        await expect(compile(build(), nodeDevice({ name, threads: 1 })), `attempt ${attempt}`).rejects.toThrow(
          expect.objectContaining({ code: "E_DEVICE", message }),
        );
    }
  });

  it("may use several threads", async () => {
    const program = await compile(build(), nodeDevice({ name: "cpu", threads: 2 }));
    expect((await program.run({ x: Float32Array.of(2) })).y).toEqual(Float32Array.of(3));
    await program.release();
  });
});
