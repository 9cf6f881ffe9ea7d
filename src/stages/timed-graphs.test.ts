/** A plan by the clock: small graphs are run, all else is estimated. */
import { describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { cost, gather, greater, input, matMul, where } from "../graph/index.ts";
import type { Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { secondsOf } from "./step-cost.ts";
import { timedGraphs } from "./timed-graphs.ts";

const cpu = nodeDevice({ name: "cpu", threads: 1 });

/** A device that counts the graphs it opens. */
function counted(): { readonly device: Device; opened(): number } {
  let count = 0;
  const open: Device["open"] = (...model) => {
    count++;
    return cpu.open(...model);
  };
  return { device: { ...cpu, open }, opened: () => count };
}

const product = (size: number) => cost([matMul(input("a", [size, size]), input("b", [size, size]))]);

/** Work that is no graph, which an estimate takes to last as long as a product. */
const arithmetic = (size: number) => ({ ...product(size), outputs: [] });

describe("a stopwatch", () => {
  it("runs a graph with inputs of every type", async () => {
    const rows = gather(input("table", [5, 3]), input("indices", [4], "int32"));
    const chosen = where(greater(rows, 0), rows, input("other", [4, 3]));
    const { device, opened } = counted();
    expect(await timedGraphs(device)(cost([chosen]))).toBeGreaterThan(0);
    expect(opened()).toBe(1);
  });

  it("measures more time for more work", async () => {
    const time = timedGraphs(cpu);
    expect(await time(product(512))).toBeGreaterThan(await time(product(16)));
  });

  it("does not run a graph that takes long or much memory", async () => {
    const { device, opened } = counted();
    const time = timedGraphs(device);
    expect(await time(product(8192))).toBe(secondsOf(product(8192)));
    const table = cost([gather(input("table", [300_000, 1000]), input("indices", [1], "int32"))]);
    expect(await time(table)).toBe(secondsOf(table));
    expect(opened()).toBe(0);
  });

  it("corrects estimates by what the graphs before them took", async () => {
    const time = timedGraphs(cpu);
    expect(await time(arithmetic(512))).toBe(secondsOf(product(512)));
    const measured = await time(product(256));
    expect(await time(arithmetic(512))).toBeCloseTo((secondsOf(product(512)) * measured) / secondsOf(product(256)), 9);
  });

  it("estimates where the device does not work", async () => {
    const open = () => Promise.reject(new UserError("E_DEVICE", "there is no such device"));
    expect(await timedGraphs({ ...cpu, open })(product(64))).toBe(secondsOf(product(64)));
  });

  it("costs nothing for no work", async () => {
    expect(await timedGraphs(cpu)(cost([]))).toBe(0);
  });
});
