/** The room of the report: the records of a run as tables, figures and one self-contained page. */
export { type ComparisonInput, MAX_COMPARED, renderComparison } from "./comparison.ts";
export type { Images, ReportInput } from "./input.ts";
export { type Report, renderReport } from "./report.ts";
export { type ComparedRun, comparisonTable } from "./text/comparison-table.ts";
export { type GroupsTable, groupsTable } from "./text/groups-table.ts";
export { resultsTable } from "./text/results-table.ts";
