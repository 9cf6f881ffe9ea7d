import { EventEmitter } from "node:events";

import { describe, expect, it } from "vitest";

import { listenForStop } from "./interrupt.ts";

function listen() {
  const signals = new EventEmitter();
  const log: string[] = [];
  const stop = listenForStop({ signals, onStop: () => log.push("told"), exit: (code) => log.push(`exit ${code}`) });
  return { signals, log, stop };
}

describe("stopping", () => {
  it("has not happened without a signal", () => {
    const { stop } = listen();
    expect(stop.signal.aborted).toBe(false);
    expect(stop.exitCode).toBeUndefined();
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("by %s lets the work finish its step and ends with %d", (name, code) => {
    const { signals, log, stop } = listen();
    signals.emit(name, name);
    expect(stop.signal.aborted).toBe(true);
    expect(stop.exitCode).toBe(code);
    expect(log).toEqual(["told"]);
  });

  it.each([
    ["SIGINT", "SIGINT", 130],
    ["SIGINT", "SIGTERM", 143],
  ])("by %s and then %s ends the process at once", (first, second, code) => {
    const { signals, log } = listen();
    signals.emit(first, first);
    signals.emit(second, second);
    expect(log).toEqual(["told", `exit ${code}`]);
  });

  it("leaves no listener behind", () => {
    const { signals, stop } = listen();
    stop.release();
    expect(signals.eventNames()).toEqual([]);
  });
});
