/** The room of the report: the numbers of a run as a table, figures and one self-contained page. */
export type {
  Audit,
  AuditCost,
  DistributionFigure,
  EmbeddingFigure,
  EnsemblePoint,
  FrontierPoint,
  TrajectoryFigure,
} from "./audit.ts";
export type { MeasuredAudit, MeasuredGroup, MeasuredMetric, MeasuredReportInput } from "./metric-audit.ts";
export { measuredColumns, measuredRows, renderMeasuredReport, summaryOf } from "./metric-page.ts";
export { type Report, renderReport } from "./report.ts";
export type { Curve, Group, GroupName, NetworkAccuracy, ReportInput, Results, Spread } from "./results.ts";
export { resultsTable } from "./text/results-table.ts";
