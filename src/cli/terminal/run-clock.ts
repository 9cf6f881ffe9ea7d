/**
 * The remaining time of a whole call: the plan's seconds of its stages, scaled by what stages and
 * tasks took so far.
 */
import type { StageName } from "../../run/index.ts";
import { countdown } from "./countdown.ts";

/** Seconds of planned work that count as done as planned, so that short stages scale little. */
const TRUST = 10;

/** What is known of a task while it runs. */
interface TaskState {
  readonly id: string;
  readonly step: number;
  readonly total: number;
  /** Seconds per step; undefined until it is known. */
  readonly perStep: number | undefined;
}

/** Planned seconds by stage. */
export type PlannedSeconds = Readonly<Partial<Record<StageName, number>>>;

/** The stages of a call, and when they will be done. */
export interface RunClock {
  /** The call begins, with these stages to do. */
  begin(stages: readonly StageName[]): void;
  /** A stage starts at `now`, in seconds of a monotonic clock. */
  start(stage: StageName, now: number): void;
  /** The current stage is done. */
  finish(now: number): void;
  /** Which of the call's stages it is, as `stage 3 of 6`; undefined for the only one. */
  place(stage: StageName): string | undefined;
  /** Seconds left of the call; undefined where the plan does not know some stage of it. */
  left(now: number, task?: TaskState): number | undefined;
}

/** Starts the clock of a call. */
export function runClock(planned: PlannedSeconds): RunClock {
  let stages: readonly StageName[] = [];
  const took = new Map<StageName, number>();
  let current: { readonly stage: StageName; readonly start: number } | undefined;
  let task: { readonly id: string; readonly start: number } | undefined;
  const show = countdown();
  const plan = (stage: StageName) => planned[stage] ?? 0;

  /** How many times longer than planned it takes, by finished stages and an unfinished one. */
  function slowness(expected: { readonly stage: StageName; readonly seconds: number } | undefined): number {
    let [real, wanted] = [TRUST, TRUST];
    for (const [stage, seconds] of [...took, ...(expected ? [[expected.stage, expected.seconds] as const] : [])]) {
      real += seconds;
      wanted += plan(stage);
    }
    return real / wanted;
  }

  /** Seconds left of the current stage, and its slowness where its task shows it. */
  function leftOfStage(now: number, state: TaskState | undefined): { left: number; slow: number } {
    const slow = slowness(undefined);
    if (current === undefined) return { left: 0, slow };
    const usual = slow * plan(current.stage) - (now - current.start);
    if (state === undefined) return { left: Math.max(0, usual), slow };
    if (task?.id !== state.id) task = { id: state.id, start: now };
    const { step, total, perStep } = state;
    if (perStep === undefined) return { left: Math.max(0, usual), slow };
    const rest = (total - step) * perStep;
    const before = task.start - current.start;
    // What the plan knows of other tasks of the stage counts less as this one comes to its end.
    const others = slow * plan(current.stage) - before - total * perStep;
    const left = rest + Math.max(0, others) * (1 - step / Math.max(1, total));
    const whole = now - current.start + left;
    return { left, slow: whole > slow * plan(current.stage) ? slowness({ ...current, seconds: whole }) : slow };
  }

  return {
    begin(given) {
      stages = given;
    },
    start(stage, now) {
      [current, task] = [{ stage, start: now }, undefined];
    },
    finish(now) {
      if (current !== undefined) took.set(current.stage, now - current.start);
      [current, task] = [undefined, undefined];
    },
    place(stage) {
      return stages.length > 1 && stages.includes(stage)
        ? `stage ${stages.indexOf(stage) + 1} of ${stages.length}`
        : undefined;
    },
    left(now, state) {
      if (stages.length === 0 || stages.some((stage) => planned[stage] === undefined)) return undefined;
      const { left, slow } = leftOfStage(now, state);
      const ahead = stages.filter((stage) => stage !== current?.stage && !took.has(stage));
      return show(left + slow * ahead.reduce((sum, stage) => sum + plan(stage), 0), now);
    },
  };
}
