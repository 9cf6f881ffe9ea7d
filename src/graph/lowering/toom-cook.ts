/**
 * Toom–Cook algorithms (Winograd, Arithmetic Complexity of Computations, 1980): m neighbouring
 * results of a correlation with r taps, by fewer than m × r products. They are the transpose of a
 * product of polynomials of m and r coefficients, which its values at m + r − 1 points determine.
 * Each real point takes one product, each complex pair three.
 */
import { at } from "../../lookup.ts";

/** A point of the complex plane. A point off the real axis stands for its conjugate, too. */
export interface Point {
  readonly re: number;
  readonly im: number;
}

/** A matrix by rows. */
export type Rows = readonly (readonly number[])[];

/**
 * y = Aᵀ (D x ⊙ G w): results y from inputs x `[results + taps − 1]` and taps w, by as many
 * products as there are rows.
 */
export interface Bilinear {
  readonly results: number;
  readonly taps: number;
  /** A row for each product: of `results`, of `results + taps − 1` and of `taps` numbers. */
  readonly a: Rows;
  readonly d: Rows;
  readonly g: Rows;
}

const times = (a: Point, b: Point): Point => ({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re });
const minus = (a: Point, b: Point): Point => ({ re: a.re - b.re, im: a.im - b.im });
const inverse = ({ re, im }: Point): Point => ({ re: re / (re * re + im * im), im: -im / (re * re + im * im) });
const ONE: Point = { re: 1, im: 0 };
const ZERO: Point = { re: 0, im: 0 };

/** 1, z, z², … */
function powers(z: Point, count: number): Point[] {
  const row = [ONE];
  while (row.length < count) row.push(times(at(row, row.length - 1), z));
  return row;
}

/** Coefficients, lowest first, of the monic polynomial with these roots. */
function fromRoots(roots: readonly Point[]): Point[] {
  let p = [ONE];
  for (const root of roots) {
    const last = p;
    p = Array.from({ length: last.length + 1 }, (_, i) => minus(last[i - 1] ?? ZERO, times(root, last[i] ?? ZERO)));
  }
  return p;
}

/**
 * The factors at a complex point: real part, imaginary part and their sum (Gauss's multiplication
 * by three products).
 */
const gauss = (row: readonly Point[]): number[][] => [
  row.map(({ re }) => re),
  row.map(({ im }) => im),
  row.map(({ re, im }) => re + im),
];
const realOf = (row: readonly Point[]): number[] => row.map(({ re }) => re);

/** The algorithm for `taps` taps with the given points and infinity. */
export function bilinear(taps: number, points: readonly Point[]): Bilinear {
  const all = points.flatMap((z) => (z.im === 0 ? [z] : [z, { re: z.re, im: -z.im }]));
  const results = all.length + 2 - taps;
  const rows = points.map((z) => {
    const others = all.filter(({ re, im }) => re !== z.re || im !== z.im);
    // Lagrange's polynomial: 1 here, 0 at the other points. Its coefficients turn values into
    // coefficients.
    const scale = inverse(others.reduce((product, other) => times(product, minus(z, other)), ONE));
    const lagrange = [...fromRoots(others), ZERO].map((c) => times(c, scale));
    const [a, g] = [powers(z, results), powers(z, taps)];
    if (z.im === 0) return { a: [realOf(a)], d: [realOf(lagrange)], g: [realOf(g)] };
    // With the products p, q and s the value is p − q + i (s − p − q); it counts for its conjugate,
    // too.
    const d = [
      lagrange.map(({ re, im }) => 2 * (re + im)),
      lagrange.map(({ re, im }) => 2 * (im - re)),
      lagrange.map(({ im }) => -2 * im),
    ];
    return { a: gauss(a), d, g: gauss(g) };
  });
  const highest = (count: number) => Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 0));
  return {
    results,
    taps,
    a: [...rows.flatMap(({ a }) => a), highest(results)],
    d: [...rows.flatMap(({ d }) => d), realOf(fromRoots(all))],
    g: [...rows.flatMap(({ g }) => g), highest(taps)],
  };
}

/** The rounding error for random inputs and taps, relative to that of direct sums. */
export function amplification({ taps, a, d, g }: Bilinear): number {
  const square = (row: readonly number[]) => row.reduce((sum, v) => sum + v * v, 0);
  const total = a.reduce((sum, row, i) => sum + square(row) * square(at(d, i)) * square(at(g, i)), 0);
  return Math.sqrt(total / at(a, 0).length / taps);
}

const real = (re: number): Point => ({ re, im: 0 });

/** For three taps: four results by six real points, the ones with the least rounding error. */
const THREE_TAPS = bilinear(3, [0, 2 / 3, -2 / 3, 3 / 2, -3 / 2].map(real));

/**
 * Results of a tile, about, for more than three taps. With 7 taps, 16 results take 31 products
 * instead of 112; tiles of half the size take a fifth more time.
 */
const TILE = 16;

/**
 * The algorithm for an axis with the given number of results, which it computes in equal tiles.
 * Three taps take 6 products instead of 12 and amplify rounding 2.2 times. More taps use points
 * around the unit circle, which amplify it 1.4 times, whatever their number.
 */
export function algorithmFor(taps: number, results: number): Bilinear {
  if (taps === 3) return THREE_TAPS;
  const tile = Math.ceil(results / Math.ceil(results / TILE));
  const pairs = Math.ceil((tile + taps - 5) / 2);
  const angles = Array.from({ length: pairs }, (_, i) => (Math.PI * (i + 1)) / (pairs + 1));
  return bilinear(taps, [...[0, 1, -1].map(real), ...angles.map((t) => ({ re: Math.cos(t), im: Math.sin(t) }))]);
}
