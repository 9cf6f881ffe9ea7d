import { describe, expect, it } from "vitest";

import { foldIn, key, normal } from "../src/random/index.ts";
import { audited, copies, D, flat, rows, SAMPLES, shell } from "./support/audit-worlds.ts";

const SEEDS = [1, 2] as const;

const fresh = (seed: number, count = SAMPLES): Float32Array => shell.fresh(`samples ${seed}`, count);
/** The first `count` are copies, the others fresh. */
const mixed = (seed: number, count: number): Float32Array =>
  flat([...rows(copies(shell, 0)).slice(0, count), ...rows(fresh(seed)).slice(count)]);
/** Some networks, each many times, with a little noise. */
const repeated = (seed: number, networks: number, noise: number): Float32Array => {
  const few = rows(fresh(seed, networks));
  const moves = normal(foldIn(key(seed), "moves"), SAMPLES * D);
  return flat(
    Array.from({ length: SAMPLES }, (_, i) =>
      (few[i % networks] ?? new Float32Array(D)).map((x, j) => x + noise * (moves[i * D + j] ?? 0)),
    ),
  );
};
describe.each(SEEDS)("a world of networks off the mean, seed %d", (seed) => {
  it.each([
    ["fresh networks", fresh(seed), "novel", "novel"],
    ["a tenth of copies", mixed(seed, 6), "replica in part", "replica in part: 6 of 60"],
    ["a fifth of copies", mixed(seed, 12), "replica in part", "replica in part: 12 of 60"],
    ["three tenths of copies", mixed(seed, 18), "replica in part", "replica in part: 18 of 60"],
    ["half copies", mixed(seed, 30), "replica", "replica"],
    ["one fresh network again and again", repeated(seed, 1, 0), "collapsed", "collapsed"],
    ["five fresh networks with a little noise", repeated(seed, 5, 0.005), "collapsed", "collapsed"],
  ] as const)("calls %s what they are", async (_, samples, name, label) => {
    const { verdict, copying } = await audited(shell, samples);
    expect(verdict, verdict.rule).toMatchObject({ name, label });
    if (name === "novel") expect(copying.pull?.share).toBeGreaterThan(0.35);
  });
});
