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
export type { MeasuredAudit, MeasuredGroup, MeasuredMetric, MeasuredReportInput } from "./measured.ts";
export { measuredColumns, measuredRows, renderMeasuredReport, summaryOf } from "./measured-page.ts";
export { type Report, renderReport } from "./report.ts";
export type { Curve, Group, GroupName, NetworkAccuracy, ReportInput, Results, Spread } from "./results.ts";
export { resultsTable } from "./table.ts";
