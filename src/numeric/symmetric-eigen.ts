/**
 * The eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to tridiagonal
 * form, then the QL method with implicit shifts (Bowdler, Martin, Reinsch and Wilkinson, 1968:
 * tred2 and tql2 of EISPACK). It takes cubic time, so the event loop has its turns meanwhile.
 */

import { yieldToEvents } from "../event-loop.ts";
import { at } from "../lookup.ts";

/** A matrix that is worked on in place. */
interface Work {
  /** Its columns; in the end the eigenvectors, each of length 1. */
  readonly columns: Float64Array[];
  /** The diagonal; in the end the eigenvalues. */
  readonly diagonal: Float64Array;
  /** What stands beside the diagonal, from 1 on. */
  readonly beside: Float64Array;
}

/**
 * Decomposes a symmetric matrix `[n, n]`, of which the lower triangle is read.
 * @returns the eigenvalues in ascending order, and the eigenvector of each.
 * @throws Interrupted when the signal aborts.
 */
export async function symmetricEigen(
  symmetric: Float64Array,
  n: number,
  signal?: AbortSignal,
): Promise<{ values: Float64Array; vectors: readonly Float64Array[] }> {
  const work: Work = {
    columns: Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (_, i) => symmetric[i * n + j]!)),
    diagonal: new Float64Array(n),
    beside: new Float64Array(n),
  };
  if (n > 0) {
    await reduce(work, signal);
    await accumulate(work, signal);
    await iterate(work, signal);
    sort(work);
  }
  return { values: work.diagonal, vectors: work.columns };
}

/** Reduces the matrix to tridiagonal form, from its last row to its first. */
async function reduce({ columns, diagonal: d, beside: e }: Work, signal: AbortSignal | undefined): Promise<void> {
  const n = columns.length;
  for (let j = 0; j < n; j++) d[j] = at(columns, j)[n - 1]!;
  for (let i = n - 1; i > 0; i--) {
    await yieldToEvents(signal);
    let [scale, h] = [0, 0];
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!);
    const last = at(columns, i);
    if (scale === 0) {
      e[i] = d[i - 1]!;
      for (let j = 0; j < i; j++) {
        const column = at(columns, j);
        d[j] = column[i - 1]!;
        column[i] = 0;
        last[j] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k]! /= scale;
        h += d[k]! * d[k]!;
      }
      const f = d[i - 1]!;
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      similar(columns, { d, e, i, h });
    }
    d[i] = h;
  }
}

/** Applies the similarity transformation of one reflection to the columns before column `i`. */
function similar(
  columns: readonly Float64Array[],
  { d, e, i, h }: { readonly d: Float64Array; readonly e: Float64Array; readonly i: number; readonly h: number },
): void {
  const last = at(columns, i);
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const column = at(columns, j);
    const f = d[j]!;
    last[j] = f;
    let g = e[j]! + column[j]! * f;
    for (let k = j + 1; k < i; k++) {
      g += column[k]! * d[k]!;
      e[k]! += column[k]! * f;
    }
    e[j] = g;
  }
  let along = 0;
  for (let j = 0; j < i; j++) {
    e[j]! /= h;
    along += e[j]! * d[j]!;
  }
  const half = along / (h + h);
  for (let j = 0; j < i; j++) e[j]! -= half * d[j]!;
  for (let j = 0; j < i; j++) {
    const column = at(columns, j);
    const [f, g] = [d[j]!, e[j]!];
    for (let k = j; k < i; k++) column[k]! -= f * e[k]! + g * d[k]!;
    d[j] = column[i - 1]!;
    column[i] = 0;
  }
}

/** Multiplies the reflections out, into the columns. */
async function accumulate({ columns, diagonal: d, beside: e }: Work, signal: AbortSignal | undefined): Promise<void> {
  const n = columns.length;
  for (let i = 0; i < n - 1; i++) {
    await yieldToEvents(signal);
    const own = at(columns, i);
    const next = at(columns, i + 1);
    own[n - 1] = own[i]!;
    own[i] = 1;
    const h = d[i + 1]!;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = next[k]! / h;
      for (let j = 0; j <= i; j++) {
        const column = at(columns, j);
        let g = 0;
        for (let k = 0; k <= i; k++) g += next[k]! * column[k]!;
        for (let k = 0; k <= i; k++) column[k]! -= g * d[k]!;
      }
    }
    next.fill(0, 0, i + 1);
  }
  for (let j = 0; j < n; j++) {
    const column = at(columns, j);
    d[j] = column[n - 1]!;
    column[n - 1] = 0;
  }
  at(columns, n - 1)[n - 1] = 1;
  e[0] = 0;
}

/** Finds eigenvalue after eigenvalue of the tridiagonal matrix, and turns the columns with it. */
async function iterate({ columns, diagonal: d, beside: e }: Work, signal: AbortSignal | undefined): Promise<void> {
  const n = columns.length;
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let [shift, largest] = [0, 0];
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!));
    const isSmall = (x: number) => Math.abs(x) <= Number.EPSILON * largest;
    let m = l;
    while (m < n - 1 && !isSmall(e[m]!)) m++;
    if (m > l) {
      do {
        await yieldToEvents(signal);
        shift += sweep({ columns, diagonal: d, beside: e }, l, m);
      } while (Math.abs(e[l]!) > Number.EPSILON * largest);
    }
    d[l]! += shift;
    e[l] = 0;
  }
}

/** One implicit QL step on rows `l` to `m`. Returns by how much the diagonal was shifted. */
function sweep({ columns, diagonal: d, beside: e }: Work, l: number, m: number): number {
  const n = columns.length;
  const first = at(d, l);
  let p = (at(d, l + 1) - first) / (2 * at(e, l));
  const root = p < 0 ? -hypotenuse(p, 1) : hypotenuse(p, 1);
  d[l] = at(e, l) / (p + root);
  d[l + 1] = at(e, l) * (p + root);
  const [second, besideSecond] = [at(d, l + 1), at(e, l + 1)];
  const shift = first - at(d, l);
  for (let i = l + 2; i < n; i++) d[i]! -= shift;
  p = at(d, m);
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i]!;
    const h = c * p;
    const r = hypotenuse(p, e[i]!);
    e[i + 1] = s * r;
    s = e[i]! / r;
    c = p / r;
    p = c * d[i]! - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]!);
    rotate(at(columns, i), at(columns, i + 1), c, s);
  }
  p = (-s * s2 * c3 * besideSecond * at(e, l)) / second;
  e[l] = s * p;
  d[l] = c * p;
  return shift;
}

/** Turns two columns in their plane, by the cosine `c` and the sine `s` of an angle. */
function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let k = 0; k < a.length; k++) {
    const h = b[k]!;
    b[k] = s * a[k]! + c * h;
    a[k] = c * a[k]! - s * h;
  }
}

/** √(a² + b²) without overflow. */
function hypotenuse(a: number, b: number): number {
  if (Math.abs(a) > Math.abs(b)) {
    const ratio = b / a;
    return Math.abs(a) * Math.sqrt(1 + ratio * ratio);
  }
  if (b === 0) return 0;
  const ratio = a / b;
  return Math.abs(b) * Math.sqrt(1 + ratio * ratio);
}

/** Sorts eigenvalues in ascending order, and the eigenvectors with them. */
function sort({ columns, diagonal: d }: Work): void {
  for (let i = 0; i < d.length - 1; i++) {
    let least = i;
    for (let j = i + 1; j < d.length; j++) if (d[j]! < d[least]!) least = j;
    if (least === i) continue;
    [d[i], d[least]] = [d[least]!, d[i]!];
    [columns[i], columns[least]] = [at(columns, least), at(columns, i)];
  }
}
