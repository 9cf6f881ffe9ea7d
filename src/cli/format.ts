/** Formats numbers, sizes, times and words for people. */

/** A count with separated thousands: `12 345`. */
export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, " ");

/** A measured number in three significant digits: `0.0123`, `1.2e-5`, `1530`. */
export function measure(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** A size in decimal units: `932 B`, `21.3 kB`, `1.5 GB`. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(3))} ${units[unit]}`;
}

/** Seconds as on a clock: `0:12`, `12:05`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** An elapsed time in seconds: `0.4 s`, `35 s`, then as on a clock. */
export function elapsed(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return seconds < 59.5 ? `${Math.round(seconds)} s` : clock(seconds);
}

/** An estimated time in seconds, in one unit: `under 1 s`, `35 s`, `4 min`, `1.5 h`. */
export function roughly(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toPrecision(2))} h`;
}

/** The time of one step: `0.4 ms/step`, `41 ms/step`, `1.2 s/step`. */
export function perStep(seconds: number): string {
  const ms = seconds * 1000;
  if (ms >= 1000) return `${Number(seconds.toPrecision(2))} s/step`;
  return `${ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms)} ms/step`;
}

/**
 * Untrusted text, such as names in a file, on one line: control characters are escaped, and the
 * text is cut to `longest` characters.
 */
export function printable(text: string, longest = 200): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Words as a command line, quoted for a POSIX shell. */
export const shell = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
