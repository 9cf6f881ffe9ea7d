/**
 * Runs one suite on every device that works here; the others are shown as skipped, with the reason.
 */
import { describe, it } from "vitest";

import type { Device } from "../../src/runtime/index.ts";
import { availableDevices, nodeDevice } from "../../src/runtime-node/index.ts";

const devices = await availableDevices();

/** For hooks that run a suite's programs: a GPU in software takes its time. */
export const DEVICE_TIMEOUT_MS = 300_000;

/**
 * How much larger errors may be than on the CPU: GPUs round divisions and functions less exactly.
 */
export const slack = ({ name }: Device): number => (name === "cpu" ? 1 : 100);

export function onEachDevice(title: string, define: (device: Device) => void): void {
  for (const { name, problem } of devices) {
    describe(`${title} on ${name}`, () => {
      if (problem === undefined) define(nodeDevice({ name, threads: 1 }));
      else it.skip(problem, () => {});
    });
  }
}
