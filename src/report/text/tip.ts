/** What marks of figures say when they are pointed at. */
import { clean } from "../html.ts";

/** A name, and what is known of it on a line below. */
export const tip = (name: string, ...values: readonly string[]): string =>
  clean([name, values.filter((value) => value !== "").join(", ")].filter((line) => line !== "").join("\n"));

/** One network of a group, counted from 1 as its file is, with its values. */
export const networkTip = (group: string, network: number, ...values: readonly string[]): string =>
  tip(`${group} ${network}`, ...values);

/** A value with its interval: `97.31 % [97.20, 97.42]`; the value alone without one. */
export const withInterval = (value: string, low: string, high: string): string =>
  low === high ? value : `${value} [${low}, ${high}]`;
