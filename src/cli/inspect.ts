/** `pdiff inspect`: what is in a checkpoint file. */
import { bytes, count, list, measure, printable, table } from "./format.ts";
import type { Terminal } from "./terminal.ts";

/** Prints the tensors of a file, their statistics and its metadata. */
export async function inspect(terminal: Terminal, path: string): Promise<void> {
  const { inspectFile } = await import("../checkpoints/index.ts");
  const summary = await inspectFile(path);
  const { format, tensors, parameters, metadata } = summary;
  const number = (value: number | null) => (value === null ? "–" : measure(value));
  const damaged = tensors.some(({ nonFinite }) => nonFinite > 0);
  const header = ["tensor", "type", "shape", "values", "min", "max", "mean", "sd"];
  const rows = tensors.map(({ name, dtype, shape, count: values, min, max, mean, std, nonFinite }) => [
    name,
    dtype,
    shape.length === 0 ? "scalar" : shape.join("×"),
    count(values),
    ...[min, max, mean, std].map(number),
    ...(damaged ? [count(nonFinite)] : []),
  ]);
  const parts = [
    `${printable(path)}: ${format}, ${bytes(summary.bytes)}, ${count(parameters)} values in ${count(tensors.length)} tensors`,
  ];
  const pairs = Object.entries(metadata).map(([key, value]) => [printable(key, 40), printable(value)] as const);
  if (pairs.length > 0) parts.push(`metadata\n${list(pairs.map(([key, value]) => [`  ${key}`, value]))}`);
  if (tensors.length > 0) parts.push(table([damaged ? [...header, "not finite"] : header, ...rows]));
  terminal.result(summary, parts.join("\n\n"));
}
