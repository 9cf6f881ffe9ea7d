/** Tables as CSV (RFC 4180), for readers who want to draw a figure again. */

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/**
 * A header and the rows, at full precision, each ended by CRLF. Numbers that are not finite are
 * empty cells. A text that a spreadsheet would take for a formula begins with an apostrophe.
 */
export function csv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number): string {
  if (typeof value === "string") {
    // Spreadsheets take a text that begins so for a formula, and run it.
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  return Number.isFinite(value) ? `${value}` : "";
}
