/**
 * Shows the progress of a run: one line that is rewritten on a terminal, a few plain lines
 * elsewhere.
 */
import { createLogUpdate } from "log-update";

import type { RunEvent } from "../../run/index.ts";
import { clock, elapsed, measure, perStep } from "../format.ts";
import { redoText } from "../redo-text.ts";
import { hanging, lines, type Text } from "./layout.ts";
import { type Pace, pace } from "./pace.ts";
import { columnsOf, type Terminal } from "./terminal.ts";

type Step = Extract<RunEvent, { type: "progress" }>;

/** Seconds between two updates of a live line. */
const FRAME = 0.08;

/** Plain lines are at least this many seconds and this share of the steps apart. */
const QUIET_SECONDS = 10;
const QUIET_PART = 0.05;

/** The width of the longest name of a stage. */
const STAGE_WIDTH = "evaluate".length;

/** What a line of the log begins with. */
const stagePrefix = (stage: string, paint = (name: string) => name): string =>
  `${paint(stage)}${" ".repeat(Math.max(0, STAGE_WIDTH - stage.length))}  `;

/** A line of the log: the stage, then the text. */
const stageLine = (stage: string, text: string, paint?: (name: string) => string): Text =>
  hanging(stagePrefix(stage, paint), text);

/**
 * The state of a task: `training the network  312/500 62%  loss 0.0123  41 ms/step  eta 0:12`. If
 * that is longer than `columns`, the values are left out and the rest is cut.
 */
export function taskText(
  { item, step, total, values }: Step,
  secondsPerStep: number | undefined,
  columns: number,
): string {
  const done = `${item.label}  ${step}/${total} ${Math.floor((100 * step) / Math.max(1, total))}%`;
  const named = Object.entries(values).map(([name, value]) => `${name} ${measure(value)}`);
  const speed =
    secondsPerStep === undefined ? [] : [perStep(secondsPerStep), `eta ${clock((total - step) * secondsPerStep)}`];
  const whole = [done, ...named, ...speed].join("  ");
  return whole.length <= columns ? whole : [done, ...speed].join("  ").slice(0, Math.max(0, columns));
}

/** A line that can be rewritten and cleared. */
export interface LiveLine {
  update(text: string): void;
  clear(): void;
}

export interface ProgressOptions {
  /** The line for steps; without it, steps are shown as plain lines. */
  live?: LiveLine | undefined;
  /** The width of a live line, in characters. */
  columns?: () => number;
  /** Seconds of a monotonic clock. */
  now?: () => number;
}

/** Returns a listener that writes the events of a run to a terminal. */
export function follow(
  { say, warn, colours }: Pick<Terminal, "say" | "warn" | "colours">,
  { live, columns = () => Infinity, now = () => performance.now() / 1000 }: ProgressOptions = {},
): (event: RunEvent) => void {
  let task: { stage: string; id: string; pace: Pace; shownAt: number; shownStep: number } | undefined;
  const isDue = (step: number, total: number, shownAt: number, shownStep: number) =>
    live === undefined
      ? now() - shownAt >= QUIET_SECONDS && step - shownStep >= QUIET_PART * total
      : now() - shownAt >= FRAME;

  function progress(event: Step): void {
    const { stage, step, total } = event;
    if (task === undefined || task.stage !== stage || task.id !== event.item.id) {
      const shownAt = live === undefined ? now() : -Infinity;
      task = { stage, id: event.item.id, pace: pace(), shownAt, shownStep: step };
    }
    task.pace.observe(step, now());
    if (!isDue(step, total, task.shownAt, task.shownStep)) return;
    [task.shownAt, task.shownStep] = [now(), step];
    const text = taskText(event, task.pace.perStep, columns() - STAGE_WIDTH - 2);
    if (live === undefined) say(stageLine(stage, text));
    else live.update(stagePrefix(stage, colours.cyan) + text);
  }

  return (event) => {
    if (event.type === "progress") return progress(event);
    live?.clear();
    switch (event.type) {
      case "run":
        if (event.resumed) say(`continuing ${event.folder}`);
        return;
      case "stage": {
        task = undefined;
        const { stage, state, seconds } = event;
        if (state === "started") {
          if (live === undefined) say(stageLine(stage, "started"));
          else live.update(`${stagePrefix(stage, colours.cyan)}starting`);
        } else if (state === "finished") {
          const time = seconds === undefined ? "" : ` in ${elapsed(seconds)}`;
          say(stageLine(stage, `done${time}`, colours.green));
        } else say(stageLine(stage, state, colours.green));
        return;
      }
      case "redo":
        return say(lines(redoText(event), ""));
      case "note":
        return say(stageLine(event.stage, event.text));
      case "warning":
        return warn(`${event.stage}: ${event.text}`);
      default:
        event satisfies never;
    }
  };
}

/** The progress display of one command. */
export interface Progress {
  readonly emit: (event: RunEvent) => void;
  /** Prints a message that does not come from the run. */
  say(text: Text): void;
  /** Clears the live line; no events may follow. */
  close(): void;
}

/**
 * A live line on stderr, to be closed at the end; undefined if stderr is no terminal, or with
 * `--quiet` or `--json`.
 */
export function liveLine({ live, silent }: Terminal): (LiveLine & { close(): void }) | undefined {
  if (!live || silent) return undefined;
  const update = createLogUpdate(process.stderr);
  return {
    update,
    clear: update.clear,
    close() {
      update.clear();
      update.done();
    },
  };
}

/** Starts to show progress on a terminal. */
export function progressOn(terminal: Terminal): Progress {
  const live = liveLine(terminal);
  if (live === undefined) return { emit: follow(terminal), say: terminal.say, close: () => {} };
  return {
    emit: follow(terminal, { live, columns: () => columnsOf(process.stderr) - 1 }),
    say(text) {
      live.clear();
      terminal.say(text);
    },
    close: live.close,
  };
}
