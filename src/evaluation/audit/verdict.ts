/**
 * The verdict on a generator, in words: the first rule that applies, with its numbers. Every
 * threshold has its reason here, and docs/method.md explains it.
 */
import type { BaselineFamily, Verdict, VerdictName } from "../../records/index.ts";
import type { VerdictFacts } from "./verdict-facts.ts";
import { accuracyPhrases, digits, type Phrases, percent } from "./verdict-phrases.ts";

/** Smallest number of networks with a distribution. */
export const MIN_NETWORKS = 3;
/** Share of the gain from chance to the acceptance threshold that a working network has. */
const WORKING = 3 / 4;
/** Share of copies among samples from which on a generator is a replica. */
export const COPIES = 1 / 4;
/** Permutation p below which the copying statistic is not explained by chance. */
const UNLIKELY = 0.01;

/** Whether a permutation p is too small for chance. */
export const isSignificant = (p: number): boolean => p < UNLIKELY;

/**
 * If the median distance is at least this share of that of held-out networks, samples do not lie
 * meaningfully nearer, however significant the difference: with enough networks any difference is
 * significant. It is the tolerance of distances when baselines are compared.
 */
const AS_FAR = 0.95;

const families: Readonly<Record<BaselineFamily, { name: string; verdict: VerdictName; meaning: string }>> = {
  average: {
    name: "averages of originals",
    verdict: "average-like",
    meaning: "The samples are worth what averages of the originals are worth, which take no generator.",
  },
  gaussian: {
    name: "draws from a normal distribution fitted to the originals",
    verdict: "gaussian-like",
    meaning: "The samples are worth what draws from a normal distribution around the originals are worth.",
  },
  latent: {
    name: "draws from a simple distribution of the autoencoder's latents",
    verdict: "gaussian-like",
    meaning: "The samples are worth what draws from a simple distribution of the autoencoder's latents are worth.",
  },
  noise: {
    name: "originals with noise",
    verdict: "replica",
    meaning: "The samples are worth what originals with as much noise are worth: they repeat what was learned from.",
  },
};

/** Decides on a generator. The first rule that applies gives the verdict. */
export function verdictOf(facts: VerdictFacts, phrases: Phrases = accuracyPhrases): Verdict {
  const { counts, acceptanceThreshold, chance, medianSample, nearDuplicates, radius, zu, p, excess } = facts;
  const few = Object.entries(counts).find(([, count]) => count < MIN_NETWORKS);
  if (few !== undefined || !facts.originalsDiffer) {
    const names: Readonly<Record<string, string>> = {
      originals: "originals",
      heldOut: "held-out networks",
      samples: "samples",
    };
    return {
      name: "undecided",
      rule:
        few === undefined
          ? "The originals are all the same network, so nothing has a distance from them."
          : `There are ${few[1]} ${names[few[0]]}; the audit needs at least ${MIN_NETWORKS}.`,
      meaning: "There are too few networks to decide whether the samples are new.",
    };
  }
  if (!facts.chanceKnown && !(medianSample >= acceptanceThreshold)) {
    return {
      name: "undecided",
      rule: phrases.unknownChance({ acceptanceThreshold, medianSample }),
      meaning: "Samples score less than held-out networks, and what a network without learning scores is not known.",
    };
  }
  if (facts.chanceKnown && !(acceptanceThreshold > chance)) {
    return {
      name: "undecided",
      rule: "The acceptance threshold that held-out networks fix is no better than guessing.",
      meaning: "The networks that were learned from do not work, so nothing is known of the samples.",
    };
  }
  const working = chance + WORKING * (acceptanceThreshold - chance);
  if (facts.chanceKnown && !(medianSample >= working)) {
    return {
      name: "broken",
      rule: phrases.broken({ acceptanceThreshold, chance, medianSample, working }),
      meaning: "Most samples do not work, so whether they are new does not matter.",
    };
  }
  const copies = nearDuplicates / counts.samples;
  if (copies >= COPIES && p < UNLIKELY) {
    return {
      name: "replica",
      rule: `${nearDuplicates} of ${counts.samples} samples lie within ${digits(radius, 2)} of one original, where 1 is the distance of a held-out network, and at least twice as far from all others; as a group they lie nearer than held-out networks do (Z_U ${digits(zu, 1)}, p ${p.toPrecision(2)}).`,
      meaning: "The generator repeats networks that it learned from.",
    };
  }
  const best = excess[0];
  const level = excess.filter((each) => !(each.excess.low > 0));
  if (level[0] !== undefined) {
    // If averages and another baseline both match the samples, the averaging signature decides.
    const named = (facts.averagingSignature && level.find(({ family }) => family === "average")) || level[0];
    const { name, verdict, meaning } = families[named.family];
    const others = level.filter((each) => each !== named).map(({ family }) => families[family].name);
    const signature = facts.averagingSignature && named.family === "average" ? ` ${phrases.averaging}` : "";
    return {
      name: verdict,
      rule: `At their distance from the originals, the samples' ${phrases.score} is ${phrases.relation(named.excess)} that of ${name}: not reliably better.${others.length === 0 ? "" : ` Nor is it above that of ${others.join(", or ")}.`}${signature}`,
      meaning,
    };
  }
  if (best === undefined) {
    return {
      name: "undecided",
      rule: `No baseline lies as far from the originals as the samples do, so there is nothing to compare their ${phrases.score} with; add some that do (audit.baselines, such as noise:1).`,
      meaning: "Whether something simpler is as good is not known.",
    };
  }
  const margin = `At their distance from the originals, the samples' ${phrases.score} is ${phrases.relation(best.excess)} that of the best baseline, ${families[best.family].name}`;
  const far = `${digits(facts.distance, 2)} of their median distance, Z_U ${digits(zu, 1)}, p ${p.toPrecision(2)}`;
  const nearer = p < UNLIKELY && facts.distance < AS_FAR;
  if (nearer || (facts.isolation.p < UNLIKELY && facts.isolation.share < AS_FAR)) {
    return {
      name: "replica",
      rule: nearer
        ? `${margin}; but they lie nearer to the originals than held-out networks do (${far}).`
        : `${margin}; but each lies nearer to one original than to others, as held-out networks do not: its nearest is ${digits(facts.isolation.share, 2)} times as far, of its next, as theirs (p ${facts.isolation.p.toPrecision(2)}).`,
      meaning:
        "The samples are better than baselines at their distance, but hold on to the networks that were learned from.",
    };
  }
  const { samples, heldOut } = facts.novel;
  const repeated = nearDuplicates === 0 ? "" : ` ${nearDuplicates} of ${counts.samples} repeat an original.`;
  return {
    name: "novel",
    rule: `${margin}, and they lie as far from the originals as held-out networks do (${far}). ${percent(samples.value)} [${percent(samples.low)}, ${percent(samples.high)}] of them reach the acceptance threshold farther out than originals lie from one another; of held-out networks ${percent(heldOut)}.${repeated}`,
    meaning:
      "The samples are new networks: as far from the originals as fresh ones, and better than anything simpler at that distance.",
  };
}
