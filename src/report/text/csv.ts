/** Tables as CSV (RFC 4180), for readers who want to draw a figure again. */

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/**
 * A header and the rows, at full precision, each ended by CRLF. Numbers that are not finite are
 * empty cells.
 */
export function csv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number): string {
  if (typeof value === "string") return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return Number.isFinite(value) ? `${value}` : "";
}
