/**
 * Shows the progress of a run: one line that is rewritten on a terminal, a few plain lines
 * elsewhere.
 */
import { createLogUpdate } from "log-update";

import type { RunEvent, StageName } from "../../run/index.ts";
import { clock, elapsed, measure, perStep, roughly } from "../format.ts";
import { redoText } from "../redo-text.ts";
import { countdown } from "./countdown.ts";
import { hanging, lines, type Text } from "./layout.ts";
import { type Pace, pace } from "./pace.ts";
import { type PlannedSeconds, runClock } from "./run-clock.ts";
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

/** What a line says besides the state of the task, where it is known. */
export interface LineFacts {
  /** Such as `stage 3 of 6`. */
  readonly place?: string | undefined;
  readonly secondsPerStep?: number | undefined;
  /** Seconds left of the task, and of the whole call. */
  readonly left?: number | undefined;
  readonly leftOfAll?: number | undefined;
}

/**
 * The state of a task:
 * `stage 1 of 6  training the network  312/500 62%  loss 0.0123  41 ms/step  eta 0:12, all 4:10`.
 * If that is longer than `columns`, values, speed, place and the task's own time are left out, in
 * this order, and the rest is cut.
 */
export function taskText(
  { item, step, total, values }: Step,
  { place, secondsPerStep, left, leftOfAll }: LineFacts,
  columns: number,
): string {
  const done = `${item.label}  ${step}/${total} ${Math.floor((100 * step) / Math.max(1, total))}%`;
  const named = Object.entries(values).map(([name, value]) => `${name} ${measure(value)}`);
  const speed = secondsPerStep === undefined ? [] : [perStep(secondsPerStep)];
  const where = place === undefined ? [] : [place];
  const own = left === undefined ? [] : [`eta ${clock(left)}`];
  const all = leftOfAll === undefined ? [] : [`all ${clock(leftOfAll)}`];
  const both = own.length + all.length === 0 ? [] : [[...own, ...all].join(", ")];
  const last = all.length > 0 ? all : own;
  const lengths = [
    [...where, done, ...named, ...speed, ...both],
    [...where, done, ...speed, ...both],
    [...where, done, ...both],
    [done, ...both],
    [done, ...last],
  ].map((parts) => parts.join("  "));
  return lengths.find((text) => text.length <= columns) ?? (lengths.at(-1) ?? "").slice(0, Math.max(0, columns));
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
  /** Seconds of each stage by the run's plan. */
  planned?: PlannedSeconds;
}

/** The task whose steps are shown. */
interface Task {
  readonly stage: StageName;
  readonly id: string;
  readonly pace: Pace;
  readonly eta: ReturnType<typeof countdown>;
  shownAt: number;
  shownStep: number;
}

/** Returns a listener that writes the events of a run to a terminal. */
export function follow(
  { say, warn, colours }: Pick<Terminal, "say" | "warn" | "colours">,
  { live, columns = () => Infinity, now = () => performance.now() / 1000, planned = {} }: ProgressOptions = {},
): (event: RunEvent) => void {
  let task: Task | undefined;
  const run = runClock(planned);
  const isDue = (step: number, total: number, { shownAt, shownStep }: Task) =>
    live === undefined
      ? now() - shownAt >= QUIET_SECONDS && step - shownStep >= QUIET_PART * total
      : now() - shownAt >= FRAME;

  function progress(event: Step): void {
    const { stage, step, total, item } = event;
    if (task === undefined || task.stage !== stage || task.id !== item.id) {
      const shownAt = live === undefined ? now() : -Infinity;
      task = { stage, id: item.id, pace: pace(), eta: countdown(), shownAt, shownStep: step };
    }
    task.pace.observe(step, now());
    const secondsPerStep = task.pace.perStep;
    const left = secondsPerStep === undefined ? undefined : task.eta((total - step) * secondsPerStep, now());
    const leftOfAll = run.left(now(), { id: item.id, step, total, perStep: secondsPerStep });
    if (!isDue(step, total, task)) return;
    [task.shownAt, task.shownStep] = [now(), step];
    const facts = { place: run.place(stage), secondsPerStep, left, leftOfAll };
    const text = taskText(event, facts, columns() - STAGE_WIDTH - 2);
    if (live === undefined) say(stageLine(stage, text));
    else live.update(stagePrefix(stage, colours.cyan) + text);
  }

  /** What a stage says when it starts. */
  function startText(stage: StageName): string {
    const left = run.left(now());
    const place = run.place(stage);
    if (live !== undefined) return ["starting", place].filter(Boolean).join("  ");
    if (place === undefined) return "started";
    return `started: ${place}${left === undefined ? "" : `, about ${roughly(left)} left`}`;
  }

  return (event) => {
    if (event.type === "progress") return progress(event);
    live?.clear();
    switch (event.type) {
      case "run":
        run.begin(event.stages);
        if (event.resumed) say(`continuing ${event.folder}`);
        return;
      case "stage": {
        task = undefined;
        const { stage, state, seconds } = event;
        if (state === "started") {
          run.start(stage, now());
          if (live === undefined) say(stageLine(stage, startText(stage)));
          else live.update(stagePrefix(stage, colours.cyan) + startText(stage));
        } else if (state === "finished") {
          run.finish(now());
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

/**
 * Starts to show progress on a terminal.
 * @param planned seconds of the stages, where they are known.
 */
export function progressOn(terminal: Terminal, planned: PlannedSeconds): Progress {
  const live = liveLine(terminal);
  if (live === undefined) return { emit: follow(terminal, { planned }), say: terminal.say, close: () => {} };
  return {
    emit: follow(terminal, { live, planned, columns: () => columnsOf(process.stderr) - 1 }),
    say(text) {
      live.clear();
      terminal.say(text);
    },
    close: live.close,
  };
}
