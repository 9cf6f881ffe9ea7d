/** What the tensors of a network are: parameters of a kind of layer, or running statistics. */

/** The kind of layer that a parameter belongs to. */
export type LayerKind = "conv" | "linear" | "norm" | "embedding" | "other";

/**
 * A running statistic of a normalisation, which no gradient reaches; `batch-count` counts the
 * batches it has seen.
 */
export type StatisticKind = "running-mean" | "running-variance" | "batch-count";

/** The kind of a tensor of a network. */
export type TensorKind = LayerKind | StatisticKind;

/** Kinds of running statistics by PyTorch's names, the last part of a tensor's name. */
const STATISTICS: ReadonlyMap<string, StatisticKind> = new Map<string, StatisticKind>([
  ["running_mean", "running-mean"],
  ["running_var", "running-variance"],
  ["num_batches_tracked", "batch-count"],
]);
const STATISTIC_KINDS: ReadonlySet<TensorKind> = new Set(STATISTICS.values());

/** Whether a kind is that of a running statistic; an unknown kind is not. */
export const isStatistic = (kind: TensorKind | undefined): kind is StatisticKind =>
  kind !== undefined && STATISTIC_KINDS.has(kind);

/** The kind of a running statistic by its name in PyTorch; undefined for any other name. */
export const statisticNamed = (name: string): StatisticKind | undefined =>
  STATISTICS.get(name.slice(name.lastIndexOf(".") + 1));

/**
 * Whether a tensor is a running variance: by its kind, or by its name where the kind is not known.
 */
export const isRunningVariance = ({
  name,
  kind,
}: {
  readonly name: string;
  readonly kind?: TensorKind | undefined;
}): boolean => (kind ?? statisticNamed(name)) === "running-variance";
