import { EventEmitter } from "node:events";

import { describe, expect, it } from "vitest";

import { listenForStop } from "./interrupt.ts";

function listen() {
  const signals = new EventEmitter();
  const log: string[] = [];
  const stop = listenForStop({ signals, onStop: () => log.push("stopping"), exit: (code) => log.push(`exit ${code}`) });
  return { signals, log, stop };
}

describe("listenForStop", () => {
  it("aborts nothing without a signal", () => {
    const { stop } = listen();
    expect(stop.signal.aborted).toBe(false);
    expect(stop.exitCode).toBeUndefined();
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])("after %s, lets the work finish its step and exits with %d", (name, code) => {
    const { signals, log, stop } = listen();
    signals.emit(name, name);
    expect(stop.signal.aborted).toBe(true);
    expect(stop.exitCode).toBe(code);
    expect(log).toEqual(["stopping"]);
  });

  it.each([
    ["SIGINT", "SIGINT", 130],
    ["SIGINT", "SIGTERM", 143],
  ])("ends the process at once after %s and then %s", (first, second, code) => {
    const { signals, log } = listen();
    signals.emit(first, first);
    signals.emit(second, second);
    expect(log).toEqual(["stopping", `exit ${code}`]);
  });

  it("removes its listeners when released", () => {
    const { signals, stop } = listen();
    stop.release();
    expect(signals.eventNames()).toEqual([]);
  });
});
