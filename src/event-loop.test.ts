import { describe, expect, it } from "vitest";

import { Interrupted } from "./errors.ts";
import { yieldToEvents } from "./event-loop.ts";

/** Keeps the event loop busy. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe("yielding to the event loop", () => {
  it("lets timers and messages have their turn when a tenth of a second has passed", async () => {
    await yieldToEvents();
    let turns = 0;
    setImmediate(() => turns++);
    for (let i = 0; i < 4; i++) {
      block(60);
      await yieldToEvents();
    }
    expect(turns).toBe(1);
  });

  it("takes no turn when one has just been taken", async () => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    await yieldToEvents();
    let turns = 0;
    setImmediate(() => turns++);
    for (let i = 0; i < 100; i++) await yieldToEvents();
    expect(turns).toBe(0);
  });

  it("throws when the signal has aborted, in the turn in which it does", async () => {
    const controller = new AbortController();
    await yieldToEvents(controller.signal);
    setImmediate(() => controller.abort());
    const work = async () => {
      for (let i = 0; i < 100; i++) {
        block(20);
        await yieldToEvents(controller.signal);
      }
    };
    await expect(work()).rejects.toThrow(Interrupted);
  });
});
