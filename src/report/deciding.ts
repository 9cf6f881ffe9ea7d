/** What a verdict rests on: the figure and the number that come first under it. */
import type { VerdictName } from "../records/index.ts";
import type { KeyNumberName } from "./text/key-numbers.ts";

interface Deciding {
  /** Names of figures; the first that a page has is shown. */
  readonly figures: readonly string[];
  readonly number: KeyNumberName;
}

const scores: Deciding = { figures: ["score-distance", "nearest-distance"], number: "excess" };
const copies: Deciding = { figures: ["nearest-distance"], number: "copies" };

const deciding = {
  replica: copies,
  "replica in part": copies,
  "average-like": { figures: ["score-similarity", "score-distance", "nearest-distance"], number: "excess" },
  "gaussian-like": scores,
  "noise-like": scores,
  collapsed: { figures: ["embedding-tsne", "embedding-umap", "embedding-pca", "nearest-distance"], number: "collapse" },
  "off the map": { figures: ["nearest-distance"], number: "distance" },
  new: scores,
  novel: scores,
  broken: { figures: ["score-distance", "test-accuracy", "nearest-distance"], number: "threshold" },
  undecided: scores,
} as const satisfies Readonly<Record<VerdictName, Deciding>>;

/** The figures and the number that decide a verdict. */
export const decidingOf = (verdict: VerdictName): Deciding => deciding[verdict];
