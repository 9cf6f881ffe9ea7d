/**
 * Turns of the event loop. A computation that lasts for seconds lets others have their turn now and
 * then, so that Ctrl-C is heard and a page stays alive; runs in a browser too.
 */
import { throwIfAborted } from "./errors.ts";

/** Milliseconds that may pass between two turns. */
const TURN_MS = 100;

/** When this thread's event loop had its last turn, as far as is known here. */
let lastTurn = Number.NEGATIVE_INFINITY;

/** One turn of the event loop. In a hidden page timers take a second, and messages do not. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const onmessage = () => {
      port1.close();
      resolve();
    };
    Object.assign(port1, { onmessage });
    port2.postMessage(null);
  });

/**
 * Lets the event loop have a turn, if a tenth of a second has passed since the last one; call it in
 * every long loop. It changes no result.
 * @throws Interrupted when the signal has aborted.
 */
export async function yieldToEvents(signal?: AbortSignal): Promise<void> {
  if (performance.now() - lastTurn >= TURN_MS) {
    await nextTurn();
    lastTurn = performance.now();
  }
  if (signal !== undefined) throwIfAborted(signal);
}
