/**
 * What two runs of the same version do not share: times, and facts about the machine. Nothing else
 * is left out.
 */

/** Files that are not compared, by their path in a run folder, in which `*` stands for any name. */
export const excludedFiles: Readonly<Record<string, string>> = {
  "env.json": "versions and facts about the machine",
  "status.json": "the process, its state and the seconds of each task",
  "checksums.json": "checksums of files whose times differ; the files themselves are compared",
  "report.html": "says how long the run took; its figures are in figures/ and evaluation/",
  "evaluation/measurements/*": "scores and their seconds under hashed names; results.json holds the scores",
};

/** Keys of JSON documents that are not compared, with everything below them. */
export const excludedKeys: Readonly<Record<string, string>> = {
  seconds: "wall-clock time",
  cost: "seconds, and how many networks pay for them",
};
