/** Tables of numbers as text (RFC 4180), for readers who want to draw a figure again. */

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A header and the rows, at full precision, with CRLF after every line. What is not a finite number is an empty cell. */
export function csv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number): string {
  if (typeof value === "string") return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return Number.isFinite(value) ? `${value}` : "";
}
