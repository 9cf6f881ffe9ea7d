/** What the tensors of a network are: parameters of a kind of layer, or running statistics. */

/** The kind of layer that a parameter belongs to. */
export type LayerKind = "conv" | "linear" | "norm" | "embedding" | "other";

/** A running statistic of a normalisation, which no gradient reaches; `batch-count` counts the batches it has seen. */
export type StatisticKind = "running-mean" | "running-variance" | "batch-count";

/** The kind of a tensor of a network. */
export type TensorKind = LayerKind | StatisticKind;

const STATISTICS: ReadonlySet<string> = new Set<StatisticKind>(["running-mean", "running-variance", "batch-count"]);

/** Whether a kind is that of a running statistic; an unknown kind is not. */
export const isStatistic = (kind: TensorKind | undefined): kind is StatisticKind =>
  kind !== undefined && STATISTICS.has(kind);
