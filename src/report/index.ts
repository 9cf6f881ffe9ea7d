/** The room of the report: the records of a run as tables, figures and one self-contained page. */
export type { Images, ReportInput } from "./input.ts";
export { type Report, renderReport } from "./report.ts";
export { type GroupsTable, groupsTable } from "./text/groups-table.ts";
export { resultsTable } from "./text/results-table.ts";
