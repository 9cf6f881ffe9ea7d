/** Two results of `npm run bench -- --json`, the older one first: which cases became slower. */
import { z } from "zod";

const result = z.object({
  cases: z.array(
    z.object({
      case: z.string(),
      ours: z.number(),
      spread: z.number(),
      torch: z.number().nullable(),
      ratio: z.number().nullable(),
      peakShare: z.number().nullable(),
    }),
  ),
});
export type BenchResult = z.output<typeof result>;
type Row = BenchResult["cases"][number];

/** Reads what an earlier run printed. */
export const readResult = (text: string): BenchResult => result.parse(JSON.parse(text));

/** A case in both. */
export interface Change {
  readonly case: string;
  /** How much longer it takes now, as a factor. */
  readonly factor: number;
  /**
   * What is compared: times vary from run to run on the same machine, ratios within a run hardly.
   */
  readonly by: "ratio to PyTorch" | "share of the peak" | "time";
  readonly slower: boolean;
}

/** Longer than this, beyond the spread of both, is slower. */
const SLOWER = 1.1;

/** What became of the cases that both have. */
export function compare(before: BenchResult, now: BenchResult): Change[] {
  const known = new Map(before.cases.map((row) => [row.case, row]));
  return now.cases.flatMap((row) => {
    const old = known.get(row.case);
    if (old === undefined) return [];
    const { by, factor } = factorOf(old, row);
    const noise = old.spread / old.ours + row.spread / row.ours;
    return [{ case: row.case, by, factor, slower: factor > SLOWER + noise }];
  });
}

function factorOf(old: Row, now: Row): Pick<Change, "by" | "factor"> {
  if (old.ratio !== null && now.ratio !== null) return { by: "ratio to PyTorch", factor: old.ratio / now.ratio };
  if (old.peakShare !== null && now.peakShare !== null)
    return { by: "share of the peak", factor: old.peakShare / now.peakShare };
  return { by: "time", factor: now.ours / old.ours };
}
