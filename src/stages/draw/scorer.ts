/**
 * Scores drawn networks by what may choose among them: classifiers on the selection split, others
 * by the run's metric. The test split is never asked.
 */
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { ACCURACY, accuracy } from "../../evaluation/index.ts";
import { given } from "../../lookup.ts";
import type { Metric } from "../../records/index.ts";
import { readResults } from "../../run/index.ts";
import { hasTask, type MetricContext, type ReadingContext, type StageContext } from "../context.ts";
import { predict } from "../evaluate/predictions.ts";
import { scoreGroups } from "../evaluate/score-groups.ts";

/** A context in which networks are drawn. */
export type DrawContext = ReadingContext<StageContext> | ReadingContext<MetricContext>;

/** The scores of some networks, by a metric. */
export interface Scored {
  readonly metric: Metric;
  /** Null where the metric failed. */
  readonly scores: readonly (number | null)[];
}

/**
 * Scores networks, given by the files of their generated tensors.
 * @param work a folder for whatever is needed meanwhile.
 * @param known the metric, where it has scored others before.
 * @throws UserError `E_RUN` when the run has no metric, or it fails.
 */
export const scoreDrawn = (
  context: DrawContext,
  files: readonly string[],
  work: string,
  known: Metric | undefined,
): Promise<Scored> =>
  hasTask(context)
    ? byPredictions(context, files, work)
    : byMetric(context as ReadingContext<MetricContext>, files, work, known);

async function byPredictions(
  context: ReadingContext<StageContext>,
  files: readonly string[],
  work: string,
): Promise<Scored> {
  const { data, chosen } = await context.task();
  const { drawn } = await predict(context, {
    data,
    splits: ["selection"],
    dimension: chosen.size,
    name: "drawn",
    folder: work,
    groups: { drawn: files.map((file) => ({ file })) },
  });
  const { count, labels } = data.selection;
  const classes = given(given(drawn).selection);
  return {
    metric: ACCURACY,
    scores: files.map((_, i) => accuracy(classes.subarray(i * count, (i + 1) * count), labels)),
  };
}

async function byMetric(
  context: ReadingContext<MetricContext>,
  files: readonly string[],
  work: string,
  known: Metric | undefined,
): Promise<Scored> {
  const { paths: p } = context;
  const before = known ?? (await readResults(p.folder))?.metric ?? undefined;
  const inside = { ...p, measuring: join(work, "measuring"), measurements: join(work, "measurements") };
  const group = { name: "drawn" as const, files, networks: [...files.keys()] };
  const { metric, groups } = await scoreGroups({ ...context, paths: inside }, [group], before);
  if (metric === null)
    throw new UserError(
      "E_RUN",
      `no metric scores the networks of ${p.folder}, so none can be the best; give one with: pdiff evaluate ${p.folder} --evaluate 'command {checkpoint}'`,
    );
  return { metric, scores: groups.drawn.values };
}
