/** Work under way: events as they come, a result, and errors for whoever waits. */
import { describe, expect, it } from "vitest";
import type { RunEvent } from "./run/index.ts";
import { beginWork } from "./work.ts";

const note = (text: string): RunEvent => ({ type: "note", stage: "fit", text });
const progress = (step: number): RunEvent => ({
  type: "progress",
  stage: "fit",
  item: { id: "denoiser", label: "denoiser" },
  step,
  total: 9,
  values: {},
});

async function eventsOf(work: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of work) events.push(event);
  return events;
}

describe("work", () => {
  it("gives its result without anybody asking for its events", async () => {
    const work = beginWork(async (emit) => {
      emit(note("one"));
      return 3;
    });
    expect(await work.result).toBe(3);
  });

  it("gives its events in order, those from before the first question included", async () => {
    const work = beginWork(async (emit) => {
      emit(note("one"));
      await Promise.resolve();
      emit(note("two"));
    });
    expect(await eventsOf(work)).toEqual([note("one"), note("two")]);
  });

  it("keeps only the latest progress of an item that nobody has seen yet", async () => {
    const work = beginWork(async (emit) => {
      for (const step of [1, 2, 3]) emit(progress(step));
    });
    expect(await eventsOf(work)).toEqual([progress(3)]);
  });

  it("throws its error at whoever iterates, after the events before it", async () => {
    const work = beginWork(async (emit) => {
      emit(note("one"));
      throw new Error("the disk is full");
    });
    const seen: RunEvent[] = [];
    const iterate = async () => {
      for await (const event of work) seen.push(event);
    };
    await expect(iterate()).rejects.toThrow("the disk is full");
    expect(seen).toEqual([note("one")]);
  });

  it("rejects its result with the same error", async () => {
    const error = new Error("the disk is full");
    await expect(beginWork(() => Promise.reject(error)).result).rejects.toBe(error);
  });
});
