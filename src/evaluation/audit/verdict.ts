/**
 * The verdict on a generator, in words: the first rule that applies, with its numbers. Every
 * threshold has its reason here, and docs/method.md explains it.
 */
import type { BaselineFamily, Interval, Verdict, VerdictName } from "../../records/index.ts";
import type { DecidingPull, VerdictFacts } from "./verdict-facts.ts";
import { accuracyPhrases, digits, type Phrases, percent, probability } from "./verdict-phrases.ts";

/** Smallest number of networks of a kind with which a test can come to a decision. */
export const MIN_NETWORKS = 5;
/** Share of the gain from chance to the acceptance threshold that a working network has. */
const WORKING = 3 / 4;
/** Share of copies among samples from which on a generator is a replica, and not one in part. */
const COPIES = 1 / 2;
/** A p below which chance does not explain a statistic. */
const UNLIKELY = 0.01;
/** Samples nearer to one another than this share of fresh networks' distance are one network. */
const COLLAPSED = 1 / 2;
/** Samples farther out than this many times nearly all fresh networks do not belong with them. */
const OFF_THE_MAP = 1.2;
/** Share of fresh networks' success from which on samples perform as these do. */
const PERFORMS = 1 / 2;
/** Odds at which samples are pulled towards what was learned from, where no baseline says it. */
const PULLED = 2 / 3;

/** Whether a p is too small for chance. */
export const isSignificant = (p: number): boolean => p < UNLIKELY;

/**
 * The share of samples nearer to seen than to unseen networks from which on they hold on to what
 * was learned from: halfway from even odds to the least that a kind of baseline has.
 */
const pulledFrom = (pull: DecidingPull): number => {
  const least = Math.min(...pull.baselines.map(({ share }) => share).filter(Number.isFinite));
  return least > 0.5 && least < 1 ? Math.min(PULLED, (0.5 + least) / 2) : PULLED;
};

/** Whether samples are surely and by much nearer to what was learned from than to the unseen. */
export const isPulled = (pull: DecidingPull | null): pull is DecidingPull =>
  pull !== null && isSignificant(pull.p) && pull.share >= pulledFrom(pull);

/**
 * Of one training, and of checkpoints whose process is not known, nothing is unseen in the same
 * way. There, a median distance of at least this share of the held-out networks' counts as far.
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

/** Samples worth as little, of which it is known that they do not hold on to the originals. */
const noiseLike: Pick<(typeof families)["noise"], "verdict" | "meaning"> = {
  verdict: "noise-like",
  meaning:
    "The samples are worth what originals with as much noise are worth, though they do not hold on to what was learned from.",
};

/** A verdict whose label is its name. */
const called = (name: VerdictName, rule: string, meaning: string, label: string = name): Verdict => ({
  name,
  label,
  rule,
  meaning,
});

/** Decides on a generator. The first rule that applies gives the verdict. */
export function verdictOf(facts: VerdictFacts, phrases: Phrases = accuracyPhrases): Verdict {
  return (
    withoutHeldOut(facts) ??
    tooLittle(facts) ??
    doesNotWork(facts, phrases) ??
    copiesOriginals(facts) ??
    isCollapsed(facts) ??
    worthNoMore(facts, phrases) ??
    holdsOn(facts, phrases) ??
    isNew(facts, phrases)
  );
}

/** Too few networks, or none that work. */
function tooLittle({
  counts,
  originalsDiffer,
  acceptanceThreshold,
  chance,
  chanceKnown,
}: VerdictFacts): Verdict | undefined {
  const few = Object.entries(counts).find(([, count]) => count < MIN_NETWORKS);
  const names: Readonly<Record<string, string>> = {
    originals: "originals",
    heldOut: "held-out networks",
    samples: "samples",
  };
  const meaning = "There are too few networks to decide whether the samples are new.";
  if (few !== undefined)
    return called(
      "undecided",
      `There are ${few[1]} ${names[few[0]]}; the audit needs at least ${MIN_NETWORKS}.`,
      meaning,
    );
  if (!originalsDiffer)
    return called("undecided", "The originals are all the same network, so nothing has a distance from them.", meaning);
  if (chanceKnown && !(acceptanceThreshold > chance))
    return called(
      "undecided",
      "The acceptance threshold that held-out networks fix is no better than guessing.",
      "The networks that were learned from do not work, so nothing is known of the samples.",
    );
  return undefined;
}

function doesNotWork(
  { acceptanceThreshold, chance, chanceKnown, medianSample }: VerdictFacts,
  phrases: Phrases,
): Verdict | undefined {
  if (!chanceKnown && !(medianSample >= acceptanceThreshold))
    return called(
      "undecided",
      phrases.unknownChance({ acceptanceThreshold, medianSample }),
      "Samples score less than held-out networks, and what a network without learning scores is not known.",
    );
  const working = chance + WORKING * (acceptanceThreshold - chance);
  if (!chanceKnown || medianSample >= working) return undefined;
  return called(
    "broken",
    phrases.broken({ acceptanceThreshold, chance, medianSample, working }),
    "Most samples do not work, so whether they are new does not matter.",
  );
}

/** Single samples repeat an original, more than chance among fresh networks explains. */
export function copiesOriginals({ copies, radius }: Pick<VerdictFacts, "copies" | "radius">): Verdict | undefined {
  const { count, samples, near, alike, fresh, p } = copies;
  if (count === 0 || !isSignificant(p)) return undefined;
  const ways = [
    ...(near > 0
      ? [
          `${near} lie within ${digits(radius, 2)} of one original, where 1 is how far a fresh network lies, and at least twice as far from all others`,
        ]
      : []),
    ...(count > near ? [`${alike} make the mistakes of one original and hardly others`] : []),
  ];
  const rule = `${count} of ${samples} samples repeat an original: ${ways.join("; ")}. Of ${fresh.networks} networks that cannot be copies, ${fresh.count} do (${probability(p)}).`;
  if (count >= COPIES * samples) return called("replica", rule, "The generator repeats networks that it learned from.");
  return called(
    "replica in part",
    rule,
    "Some samples repeat networks that were learned from, among others that do not.",
    `replica in part: ${count} of ${samples}`,
  );
}

/**
 * What shows where nothing was held out, too: copies, if the originals were trained separately, and
 * collapse. The originals stand for fresh networks.
 */
export function withoutHeldOut(
  facts: Pick<VerdictFacts, "counts" | "copies" | "radius" | "collapse" | "nearMean">,
): Verdict | undefined {
  const { originals, heldOut, samples } = facts.counts;
  if (heldOut > 0) return undefined;
  const enough = Math.min(originals, samples) >= MIN_NETWORKS;
  return copiesOriginals(facts) ?? (enough ? isCollapsed(facts, "originals") : undefined);
}

/** In the order in which they name a verdict where samples exceed several equally. */
const TIES: readonly BaselineFamily[] = ["noise", "average", "gaussian", "latent"];
const byExcess = (
  a: { readonly family: BaselineFamily; readonly excess: Interval },
  b: { readonly family: BaselineFamily; readonly excess: Interval },
): number => a.excess.value - b.excess.value || TIES.indexOf(a.family) - TIES.indexOf(b.family);

/** Something simpler is as good at the samples' distance, or nothing simpler lies there. */
function worthNoMore({ excess, averagingSignature, pull }: VerdictFacts, phrases: Phrases): Verdict | undefined {
  const level = excess.filter((each) => !(each.excess.low > 0)).sort(byExcess);
  if (level[0] !== undefined) {
    // If averages and another baseline both match the samples, the averaging signature decides.
    const named = (averagingSignature && level.find(({ family }) => family === "average")) || level[0];
    const { name } = families[named.family];
    const letGo = named.family === "noise" && pull !== null && !isPulled(pull) ? ` ${pullText(pull)}.` : undefined;
    const { verdict, meaning } = letGo === undefined ? families[named.family] : noiseLike;
    const others = level.filter((each) => each !== named).map(({ family }) => families[family].name);
    const signature = averagingSignature && named.family === "average" ? ` ${phrases.averaging}` : "";
    const certainty = named.excess.high < 0 ? "reliably worse" : "not reliably better";
    return called(
      verdict,
      `At their distance from the originals, the samples' ${phrases.score} is ${phrases.relation(named.excess)} that of ${name}: ${certainty}.${others.length === 0 ? "" : ` Nor is it above that of ${others.join(", or ")}.`}${signature}${letGo ?? ""}`,
      meaning,
    );
  }
  if (excess[0] !== undefined) return undefined;
  return called(
    "undecided",
    `No baseline lies as far from the originals as the samples do, so there is nothing to compare their ${phrases.score} with; add some that do (audit.baselines, such as noise:1).`,
    "Whether something simpler is as good is not known.",
  );
}

/** Averages lie near one another, too, but near the mean of the originals. */
export function isCollapsed(
  { collapse, nearMean }: Pick<VerdictFacts, "collapse" | "nearMean">,
  fresh = "held-out networks",
): Verdict | undefined {
  if (!(collapse < COLLAPSED) || nearMean) return undefined;
  return called(
    "collapsed",
    `The median sample lies ${digits(collapse, 2)} times as far from the nearest other sample as ${fresh} lie from one another.`,
    "The generator draws one network, or a few, again and again.",
  );
}

/** The samples' margin over the best baseline, as the beginning of a rule. */
const marginOf = ({ excess: [best] }: VerdictFacts, phrases: Phrases): string =>
  best === undefined
    ? ""
    : `At their distance from the originals, the samples' ${phrases.score} is ${phrases.relation(best.excess)} that of the best baseline, ${families[best.family].name}`;

/** The share of samples nearer to seen networks, in words. */
export const pullText = ({ share, seen, unseen, p }: DecidingPull): string =>
  `${percent(share)} of them lie nearer to a network that was learned from than to one that nothing saw, of as many (${seen} and ${unseen} compared, ${probability(p)}; 50 % without copying)`;

/** As a group, samples hold on to what was learned from. */
function holdsOn(facts: VerdictFacts, phrases: Phrases): Verdict | undefined {
  const { pull, isolation, zu, p, distance } = facts;
  const margin = marginOf(facts, phrases);
  const meaning =
    "The samples are better than baselines at their distance, but hold on to the networks that were learned from.";
  if (isPulled(pull)) return called("replica", `${margin}; but ${pullText(pull)}.`, meaning);
  if (pull === null && isSignificant(p) && distance < AS_FAR)
    return called(
      "replica",
      `${margin}; but they lie nearer to the originals than held-out networks do (${digits(distance, 2)} of their median distance, Z_U ${digits(zu, 1)}, ${probability(p)}).`,
      meaning,
    );
  if (isSignificant(isolation.p) && isolation.share < AS_FAR)
    return called(
      "replica",
      `${margin}; but each lies nearer to one original than to others, as held-out networks do not: its nearest is ${digits(isolation.share, 2)} times as far, of its next, as theirs (${probability(isolation.p)}).`,
      meaning,
    );
  return undefined;
}

/** New networks: whether they are as good as trained ones is the last question. */
function isNew(facts: VerdictFacts, phrases: Phrases): Verdict {
  const { distance, farthest, pull, performance, copies, findsMovedCopies } = facts;
  const margin = marginOf(facts, phrases);
  if (farthest > OFF_THE_MAP)
    return called(
      "off the map",
      `${margin}; but their median distance from the originals is ${digits(farthest, 2)} times as large as that of all but the farthest 5 % of held-out networks.`,
      "The samples lie where no training leads: nothing there can be compared with them.",
    );
  const { samples, heldOut, gap } = performance;
  const apart =
    pull === null
      ? `they lie ${digits(distance, 2)} times as far from the originals as held-out networks do`
      : pullText(pull);
  const reached = `${percent(samples.value)} [${percent(samples.low)}, ${percent(samples.high)}] of them reach the acceptance threshold, of held-out networks ${percent(heldOut)}`;
  const repeated = copies.count === 0 ? "" : ` ${copies.count} of ${copies.samples} repeat an original.`;
  const unknown = findsMovedCopies
    ? ""
    : " A copy whose hidden units have changed places or signs would look new: which symmetries these networks have is not known.";
  const rule = `${margin}; ${apart}. ${reached}.${repeated}${unknown}`;
  if (samples.low >= PERFORMS * heldOut && samples.high >= heldOut)
    return called(
      "novel",
      rule,
      "The samples are new networks that perform as trained ones do, and better than the baselines at their distance.",
    );
  if (samples.low >= PERFORMS * heldOut)
    return called(
      "novel",
      rule,
      "The samples are new networks, better than the baselines at their distance; fewer of them than of trained networks reach the acceptance threshold, but more than half as many.",
      `novel, ${phrases.gap(gap)} trained networks`,
    );
  return called(
    "new",
    rule,
    "The samples are new networks, better than the baselines at their distance, but not as good as trained ones.",
    `new, ${phrases.gap(gap)} trained networks`,
  );
}
