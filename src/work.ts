/** Work under way: its events as they come, and its result. */
import type { RunEvent } from "./run/index.ts";

/**
 * Work that has begun. Iterating over it gives its events as they come and throws its error;
 * `result` resolves with what it comes to. Either may be used without the other, and events that
 * nobody asks for cost nothing.
 * @category Progress and errors
 */
export interface Work<T> extends AsyncIterable<RunEvent> {
  readonly result: Promise<T>;
}

/**
 * Options of all work.
 * @category Options of the verbs
 */
export interface WorkOptions {
  /** Stops the work after it has saved its state: `result` then rejects with `Interrupted`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Begins work. Events wait for whoever iterates; of the progress of one item only the latest.
 * @param run does the work and reports its events.
 */
export function beginWork<T>(run: (emit: (event: RunEvent) => void) => Promise<T>): Work<T> {
  const waiting: RunEvent[] = [];
  let wake = () => {};
  let over = false;
  const emit = (event: RunEvent) => {
    const last = waiting.at(-1);
    const replaces = event.type === "progress" && last?.type === "progress" && last.item.id === event.item.id;
    if (replaces) waiting.pop();
    waiting.push(event);
    wake();
  };
  const result = run(emit).finally(() => {
    over = true;
    wake();
  });
  // Whoever only iterates meets the error there.
  result.catch(() => {});
  return {
    result,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else if (over) break;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
      await result;
    },
  };
}
