/**
 * What has been renamed, from old to new. The comparison gives both versions their new names before
 * it compares them, so it does not matter which of the two versions a name comes from.
 *
 * To extend: add the entry in the same commit that renames. Recipe keys and command line flags
 * depend on it: the comparison reads this file of the other version as well, and what that
 * version's table lacks is renamed back for it. Everything that starts with `recipe` or `flags` is
 * written in the recipes' dotted notation; paths inside JSON documents use slashes, because names
 * of tensors contain dots, and `*` stands for any one part of a path.
 */
export interface Renames {
  /** Keys of recipes by dotted path: `"diffusion.moments": "diffusion.snapshots"`. Sections too. */
  readonly recipeKeys: Readonly<Record<string, string>>;
  /** Values of recipes, by the key's new dotted path: `"diffusion.choose": { old: "new" }`. */
  readonly recipeValues: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Flags and verbs of the command line: `"--evaluate": "--metric-command"`. */
  readonly flags: Readonly<Record<string, string>>;
  /**
   * Files and folders, wherever they stand in a path: `["evaluation/rivals",
   * "evaluation/baselines"]`. A `*` in the new name is what the `*` of the old one stood for;
   * entries are applied in order.
   */
  readonly files: ReadonlyArray<readonly [old: string, renamed: string]>;
  /** Keys of JSON objects, columns of CSV files and names in metadata, wherever they occur. */
  readonly keys: Readonly<Record<string, string>>;
  /** Whole strings in JSON and CSV files that name something: `"heldOut": "validation"`. */
  readonly values: Readonly<Record<string, string>>;
  /** Tensors in safetensors files of the generator. */
  readonly tensors: Readonly<Record<string, string>>;
  /**
   * Values that moved inside a document. `file` is its new path, such as
   * `run/evaluation/audit.json`, and `from` and `to` are paths of new keys. A path stands for all
   * that is below it as well, and `*` in it for any one part.
   */
  readonly moves: ReadonlyArray<{ readonly file: string; readonly from: string; readonly to: string }>;
  /** Files, or values in a document (`at`), that only one version writes; each with the reason. */
  readonly oneSided: ReadonlyArray<{ readonly file: string; readonly at?: string; readonly reason: string }>;
}

/** Of versions that name everything alike. */
export const nothingRenamed: Renames = {
  recipeKeys: {},
  recipeValues: {},
  flags: {},
  files: [],
  keys: {},
  values: {},
  tensors: {},
  moves: [],
  oneSided: [],
};

const AUDIT = "run/evaluation/audit.json";
const RESULTS = "run/evaluation/results.json";

/** Values of a record that only one version writes. */
const added = (file: string, reason: string, paths: readonly string[]): Renames["oneSided"] =>
  paths.map((at) => ({ file, at, reason }));

export const renames: Renames = {
  recipeKeys: { "audit.rivals": "audit.baselines", "diffusion.moments": "diffusion.snapshots" },
  recipeValues: {},
  flags: {},
  files: [
    ["evaluation/rivals", "evaluation/baselines"],
    ["generator/moments", "generator/snapshots"],
    ["evaluation/predictions/audit-*", "evaluation/baselines/predictions/audit-*"],
    ["evaluation/predictions/ensemble-*", "evaluation/baselines/predictions/ensemble-*"],
    ["figures/accuracy-distance.*", "figures/score-distance.*"],
    ["figures/accuracy-similarity.*", "figures/score-similarity.*"],
  ],
  keys: { bar: "acceptanceThreshold", moments: "snapshots", againstCount: "similarityByCount" },
  values: {
    "training the network": "train-base",
    "collecting checkpoints": "collect-zoo",
    "collecting held-out checkpoints": "collect-held-out",
    "training separate networks": "train-zoo",
    "training held-out networks": "train-held-out",
    "training the autoencoder": "fit-autoencoder",
    "training the denoiser": "fit-denoiser",
    "training reference network 1 of 1": "train-reference-1",
  },
  tensors: {},
  moves: [
    { file: AUDIT, from: "acceptanceThreshold/accuracy", to: "acceptanceThreshold/value" },
    { file: AUDIT, from: "acceptanceThreshold/shuffled", to: "acceptanceThreshold/chance" },
    { file: AUDIT, from: "groups/*/test/best", to: "groups/*/score/best" },
    { file: AUDIT, from: "groups/*/test/median", to: "groups/*/score/median" },
    { file: AUDIT, from: "groups/*/test/sd", to: "groups/*/score/sd" },
    { file: AUDIT, from: "groups/*/mean", to: "groups/*/score/mean" },
    { file: AUDIT, from: "groups/*/metric", to: "groups/*/score" },
    { file: AUDIT, from: "groups/*/points/accuracy", to: "groups/*/points/score" },
    { file: AUDIT, from: "groups/*/points/metric", to: "groups/*/points/score" },
    { file: AUDIT, from: "metric/how", to: "metric/reason" },
    { file: RESULTS, from: "metric/how", to: "metric/reason" },
    { file: RESULTS, from: "groups", to: "scores" },
    { file: RESULTS, from: "originals", to: "classification/originals" },
    { file: RESULTS, from: "ensemble", to: "classification/ensemble" },
    { file: RESULTS, from: "reconstructions", to: "classification/reconstructions" },
    { file: RESULTS, from: "samples", to: "classification/samples" },
    { file: RESULTS, from: "pairwiseIoU", to: "classification/pairwiseIoU" },
    { file: RESULTS, from: "distance", to: "classification/distance" },
  ],
  oneSided: [
    ...added(RESULTS, "the version of the record", ["schemaVersion"]),
    ...added(RESULTS, "one kind of results, whatever the metric", ["kind"]),
    ...added(RESULTS, "recorded for every metric", ["metric", "classification", "scores", "autoencoder"]),
    ...added(RESULTS, "also in accuracies.csv", ["classification/*/accuracies"]),
    ...added(RESULTS, "decided by the evaluation, no longer by the report", [
      "classification/pairwiseIoU/comparison",
      "classification/pairwiseIoU/repeated",
      "classification/distance/toMean",
      "classification/distance/apart",
      "classification/distance/repeated",
    ]),
    ...added(AUDIT, "the version of the record", ["schemaVersion"]),
    ...added(AUDIT, "one audit for every metric; results.json has the rest", ["kind", "autoencoder"]),
    ...added(AUDIT, "recorded for every metric", [
      "metric",
      "acceptanceThreshold/chance",
      "groups/*/failed",
      "groups/*/similarity",
      "groups/*/kappa",
      "groups/*/novel",
      "groups/*/points/greatest",
      "averaging/apart",
      "averaging/within",
      "averaging/between",
      "failures",
      "byUnits",
      "choice",
      "ensembles",
      "otherData",
      "trajectory",
      "embeddings",
      "similarityByCount",
      "distributions",
      "frontier",
    ]),
    ...added(AUDIT, "the mean of the score, which its interval has too", ["groups/*/test/mean"]),
    ...added(AUDIT, "decided by the audit, no longer by the report", [
      "excess/*/tolerance",
      "excess/*/reaches",
      "copying/nearer",
      "averaging/nearMean",
      "averaging/repeated",
    ]),
    ...added(AUDIT, "evidence beside the verdict", [
      "collage",
      "straightWay",
      "trainingScale",
      "diversity",
      "copying/pull/fresh",
    ]),
    { file: "run/evaluation/baselines/predictions/straight-way-*", reason: "evidence beside the verdict" },
    { file: "run/evaluation/baselines/predictions/trained-*", reason: "evidence beside the verdict" },
    {
      file: "run/evaluation/baselines/*.safetensors",
      reason: "draws of baselines are kept for every metric",
    },
    { file: "run/figures/excess.*", reason: "drawn for every metric" },
    { file: "run/figures/metric-distance.*", reason: "score-distance takes its place" },
    { file: "run/figures/score-distance.*", reason: "drawn for every metric, with more lines" },
  ],
};
