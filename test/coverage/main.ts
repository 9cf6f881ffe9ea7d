/**
 * How often the interval of the excess holds the truth: npm run coverage [-- SIMULATIONS [KIND]].
 * Draws test images and networks of populations whose excess is known, and counts the intervals of
 * 95 % that hold it. Takes about a second for each five simulations; exits with 1 where a share is
 * surely below 93 % or above 97 %.
 */

import { excessAtMatchedDistance } from "../../src/evaluation/audit/matched-distance.ts";
import { resample, shareInterval } from "../../src/evaluation/bootstrap.ts";
import { foldIn, type Key, key, normal } from "../../src/random/index.ts";
import { exactNetworks, type Population, populations, testedNetworks } from "./population.ts";

const COUNTS = [12, 30, 100];
const IMAGES = 1000;
/** Networks that stand for a whole population. */
const MANY = 20_000;

/** The groups of a population, each of a number of networks. */
function groupsOf<Group>(
  { samples, settings }: Population,
  of: Key,
  make: (spot: Population["samples"], key: Key) => Group,
) {
  return {
    samples: make(samples, foldIn(of, "samples")),
    settings: Object.entries(settings).map(([name, spot]) => ({ name, ...make(spot, foldIn(of, name)) })),
  };
}

/** The excess of a whole population. */
async function truthOf(population: Population): Promise<number> {
  const whole = groupsOf(population, key(0), (spot, of) => exactNetworks(spot, MANY, of));
  return (await excessAtMatchedDistance({ ...whole, key: key(0), rounds: 1 })).excess.value;
}

/** Whether the interval of one audit holds the truth. */
async function holds(population: Population, truth: number, count: number, of: Key): Promise<boolean> {
  const difficulty = normal(foldIn(of, "images"), IMAGES);
  const groups = groupsOf(population, of, (spot, each) => testedNetworks(spot, count, difficulty, each));
  const images = await resample(IMAGES, foldIn(of, "resample"));
  const { excess } = await excessAtMatchedDistance({ ...groups, images, key: foldIn(of, "bootstrap") });
  return excess.low <= truth && truth <= excess.high;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const simulations = Number(process.argv[2] ?? 500);
const only = process.argv[3];
if (!Number.isInteger(simulations) || simulations < 1 || (only !== undefined && populations[only] === undefined)) {
  console.error(`give a number of simulations and one of ${Object.keys(populations).join(", ")}`);
  process.exit(2);
}
for (const [kind, population] of Object.entries(populations)) {
  if (only !== undefined && kind !== only) continue;
  const truth = await truthOf(population);
  for (const count of COUNTS) {
    let held = 0;
    for (let i = 0; i < simulations; i++)
      if (await holds(population, truth, count, foldIn(key(1), kind, count, i))) held++;
    const share = shareInterval(held, simulations);
    console.log(
      `${kind}, ${count} networks: ${percent(share.value)} [${percent(share.low)}, ${percent(share.high)}] of ${simulations} intervals hold the excess of ${(100 * truth).toFixed(2)} points`,
    );
    if (share.high < 0.93 || share.low > 0.97) process.exitCode = 1;
  }
}
