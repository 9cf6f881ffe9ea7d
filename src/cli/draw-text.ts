/** What a draw of further networks came to. */
import type { DrawnNetworks } from "../stages/index.ts";
import { count, measure } from "./format.ts";
import { list, type Text } from "./terminal/layout.ts";

/** How many were drawn and kept, by which scores, and where they are. */
export function drawText({ draw, metric, scores, networks, files, folder }: DrawnNetworks): Text {
  const from = draw.start === 0 ? "" : `, after the ${count(draw.start)} samples of the run`;
  const lines: [string, string][] = [["drawn", `${count(draw.count)} networks of seed ${draw.seed}${from}`]];
  if (metric !== null && scores !== null) {
    const show = (score: number) => (metric.unit === "fraction" ? `${(100 * score).toFixed(2)} %` : measure(score));
    const range = (of: readonly number[]) => `${show(Math.min(...of))} to ${show(Math.max(...of))}`;
    const scored = scores.filter((score) => score !== null);
    const kept = networks.flatMap(({ score }) => (score === null ? [] : [score]));
    const by =
      metric.unit === "fraction" ? `${metric.name} on the selection split; the test split was not used` : metric.name;
    lines.push(
      ["chosen by", `${by} (${metric.higherIsBetter ? "higher" : "lower"} is better)`],
      ["kept", kept.length === 0 ? "none" : `the best ${count(kept.length)}: ${range(kept)}`],
    );
    if (scored.length > 0)
      lines.push(["all drawn", `${range(scored)}, mean ${show(scored.reduce((a, b) => a + b, 0) / scored.length)}`]);
    if (scored.length < scores.length)
      lines.push(["not scored", `${scores.length - scored.length}, which the metric failed on`]);
  }
  const [first] = files;
  if (first !== undefined)
    lines.push([
      "checkpoints",
      files.length === 1 ? first : `${count(files.length)}, from ${first} to ${files.at(-1)}`,
    ]);
  return list([...lines, ["folder", folder]]);
}
