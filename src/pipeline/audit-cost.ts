/** What a network costs: a sample of the generator, one more checkpoint of the zoo, and one more independent training. */
import type { AuditCost } from "../report/index.ts";
import { referenceCount } from "./collect.ts";
import type { StageContext } from "./context.ts";
import { paths, readStatus } from "./run-folder.ts";

/** Seconds of tasks, by the names that progress gave them. */
const sum = (tasks: Readonly<Record<string, number>>, begins: string): number =>
  Object.entries(tasks).reduce((total, [name, seconds]) => (name.startsWith(begins) ? total + seconds : total), 0);

/**
 * The account of a run from its own books, and from those of the run whose zoo it took over; null where these do not say how
 * long trainings took.
 */
export async function costOf({ recipe, journal }: StageContext): Promise<AuditCost | null> {
  const { zoo, sample } = recipe;
  const stages = journal.seconds();
  const before = zoo.reuse === undefined ? undefined : await readStatus(paths(zoo.reuse));
  const tasks = before?.tasks ?? journal.taskSeconds();
  const base = sum(tasks, "training the network");
  const separate = sum(tasks, "training separate networks");
  const collect = sum(tasks, "collecting checkpoints") + separate;
  const references = referenceCount(recipe);
  const trained = sum(tasks, "training reference network");
  const perTraining = zoo.kind === "trajectory" ? (trained > 0 ? trained / references : base) : separate / zoo.count;
  if (perTraining === 0) return null;
  const fit = stages.fit ?? 0;
  const drawn = stages.sample ?? 0;
  const perSample = drawn / sample.count;
  const saved = perTraining - perSample;
  return {
    ...{ base, collect, fit, sample: drawn, perSample, perTraining },
    perCheckpoint: collect / zoo.count,
    breakEven: saved > 0 ? Math.ceil((base + collect + fit) / saved) : null,
  };
}
