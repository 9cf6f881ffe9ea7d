/**
 * Correlations with fewer products than m × r: m neighbouring results of r taps by evaluation at points (Toom and Cook; Winograd,
 * Arithmetic Complexity of Computations, 1980). The results are the transpose of a product of polynomials of m and r coefficients,
 * which its values at m + r − 1 points determine: so many products of real numbers, and one more for each pair of complex points.
 */

/** A point of the complex plane. One off the real axis stands for its conjugate, too. */
export interface Point {
  readonly re: number;
  readonly im: number;
}

/** A matrix by rows. */
export type Rows = readonly (readonly number[])[];

/** y = Aᵀ (D x ⊙ G w): results y from inputs x `[results + taps − 1]` and taps w, by as many products as there are rows. */
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
  while (row.length < count) row.push(times(row.at(-1)!, z));
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

/** What is multiplied for a complex point: real part, imaginary part, and their sum, as Gauss multiplied with three products. */
const three = (row: readonly Point[]): number[][] => [
  row.map(({ re }) => re),
  row.map(({ im }) => im),
  row.map(({ re, im }) => re + im),
];
const realOf = (row: readonly Point[]): number[] => row.map(({ re }) => re);

/** The correlation of `taps` taps by these points and infinity. */
export function bilinear(taps: number, points: readonly Point[]): Bilinear {
  const all = points.flatMap((z) => (z.im === 0 ? [z] : [z, { re: z.re, im: -z.im }]));
  const results = all.length + 2 - taps;
  const rows = points.map((z) => {
    const others = all.filter(({ re, im }) => re !== z.re || im !== z.im);
    // Lagrange's polynomial: 1 here, 0 at the other points. Its coefficients lead from values back to coefficients.
    const scale = inverse(others.reduce((product, other) => times(product, minus(z, other)), ONE));
    const lagrange = [...fromRoots(others), ZERO].map((c) => times(c, scale));
    const [a, g] = [powers(z, results), powers(z, taps)];
    if (z.im === 0) return { a: [realOf(a)], d: [realOf(lagrange)], g: [realOf(g)] };
    // With products p, q and s of `three` the value is p − q + i (s − p − q); it counts for its conjugate, too.
    const d = [
      lagrange.map(({ re, im }) => 2 * (re + im)),
      lagrange.map(({ re, im }) => 2 * (im - re)),
      lagrange.map(({ im }) => -2 * im),
    ];
    return { a: three(a), d, g: three(g) };
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

/** What rounding adds up to beside that of direct sums, for random inputs and taps: a factor. */
export function amplification({ taps, a, d, g }: Bilinear): number {
  const square = (row: readonly number[]) => row.reduce((sum, v) => sum + v * v, 0);
  const total = a.reduce((sum, row, i) => sum + square(row) * square(d[i]!) * square(g[i]!), 0);
  return Math.sqrt(total / a[0]!.length / taps);
}

const real = (re: number): Point => ({ re, im: 0 });

/** For three taps: four results by six real points, whose rounding errors are the least of all such. */
const THREE_TAPS = bilinear(3, [0, 2 / 3, -2 / 3, 3 / 2, -3 / 2].map(real));

/** About so many results of more taps are computed at once. Of 7, 31 products for 16 results, in place of 112; half as many take a fifth more time. */
const AT_ONCE = 16;

/**
 * The algorithm for so many results along an axis, which it computes in equal parts. Three taps take 6 products in place of 12 and
 * amplify rounding 2.2 times; of more taps, points around the unit circle amplify it 1.4 times however many they are.
 */
export function algorithmFor(taps: number, results: number): Bilinear {
  if (taps === 3) return THREE_TAPS;
  const part = Math.ceil(results / Math.ceil(results / AT_ONCE));
  const pairs = Math.ceil((part + taps - 5) / 2);
  const angles = Array.from({ length: pairs }, (_, i) => (Math.PI * (i + 1)) / (pairs + 1));
  return bilinear(taps, [...[0, 1, -1].map(real), ...angles.map((t) => ({ re: Math.cos(t), im: Math.sin(t) }))]);
}
