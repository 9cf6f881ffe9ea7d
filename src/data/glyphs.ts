/**
 * Glyphs, a data set of grey 28 × 28 images that look like handwritten digits; they are drawn, not
 * stored. A digit's strokes are bent, jittered, rotated, sheared, scaled and shifted at random, and
 * drawn with a pen of random width, sharpness and strength. Some images are crossed by a stray line
 * or partly rubbed out; all are covered with noise. The arithmetic (+ − × ÷ √) is exact or
 * correctly rounded everywhere, so a key gives the same bytes on every platform.
 */
import { at } from "../lookup.ts";
import { foldIn, type Key, uniform } from "../random/index.ts";
import { GRID_HEIGHT, GRID_WIDTH, glyphStyles, type Stroke } from "./glyph-styles.ts";
import type { LabelledImages } from "./labelled-images.ts";

/** Height and width of a drawing in pixels. */
export const GLYPH_SIZE = 28;

/**
 * Mean and standard deviation of pixels in [0, 1], measured on the default training set, seed 0.
 */
export const GLYPH_MEAN = 0.1219;
export const GLYPH_STD = 0.2467;

const PIXELS = GLYPH_SIZE * GLYPH_SIZE;
const CENTRE = (GLYPH_SIZE - 1) / 2;

/** Half the height in pixels of a digit of size 1. */
const HALF_HEIGHT = 10;

/** Random numbers for the shape of one drawing; the longest takes about 100. */
const SHAPE_NUMBERS = 128;

/** Straight pieces between two points of a smooth stroke. */
const PIECES = 5;

/** The shares of drawings that a stray line crosses, and that are partly rubbed out. */
const CROSSED = 0.3;
const RUBBED = 0.25;

/** A point of a stroke on the image, in pixels, and the pen's radius there. */
interface Dot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** A map from the grid of the styles to the image. */
type Place = (gridX: number, gridY: number) => readonly [x: number, y: number];

/** A source of the random numbers of one drawing. */
interface Dice {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Symmetric about 0 and of triangular density, within ±width. */
  about(width: number): number;
}

/**
 * Draws images. Image i shows the digit i mod 10 and depends on the key and i alone.
 * @returns images `[count, 28, 28]` and their labels.
 */
export function drawGlyphs(k: Key, count: number): LabelledImages {
  const images = new Uint8Array(count * PIXELS);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % glyphStyles.length);
  const ink = new Float64Array(PIXELS);
  const rubber = new Float64Array(PIXELS);
  for (let i = 0; i < count; i++)
    drawGlyph(foldIn(k, i), labels[i]!, ink, rubber, images.subarray(i * PIXELS, (i + 1) * PIXELS));
  return { channels: 1, height: GLYPH_SIZE, width: GLYPH_SIZE, images, labels };
}

/** Draws one digit into `out`; `ink` and `rubber` are buffers. */
function drawGlyph(k: Key, digit: number, ink: Float64Array, rubber: Float64Array, out: Uint8Array): void {
  const dice = throwDice(k);
  const styles = at(glyphStyles, digit);
  const style = at(styles, Math.floor(dice.next() * styles.length));
  const place = placement(dice);
  const radius = dice.between(0.6, 1.7);
  const softness = dice.between(0.8, 2);
  const strength = dice.between(0.65, 1);
  const noise = dice.between(0, 0.25);

  const strokes = style.map((stroke) => trace(stroke, place, radius, dice));
  if (dice.next() < CROSSED) {
    const [x, y] = [dice.between(2, GLYPH_SIZE - 3), dice.between(2, GLYPH_SIZE - 3)];
    strokes.push(shortLine(x, y, 9, radius * dice.between(0.5, 0.9), dice));
  }
  ink.fill(Infinity);
  for (const dots of strokes) sweep(dots, softness, ink);

  const rubbed = dice.next() < RUBBED;
  if (rubbed) {
    rubber.fill(Infinity);
    const dots = at(strokes, Math.floor(dice.next() * strokes.length));
    const { x, y } = at(dots, Math.floor(dice.next() * dots.length));
    sweep(shortLine(x, y, 4, dice.between(1, 2.5), dice), softness, rubber);
  }

  const grain = uniform(foldIn(k, "noise"), PIXELS);
  for (let p = 0; p < PIXELS; p++) {
    let value = coverage(ink[p]!, softness) * strength;
    if (rubbed) value *= 1 - coverage(rubber[p]!, softness);
    // The two halves of the 24 bits are uniform; their sum is triangular, close to a Gaussian.
    const high = Math.floor(grain[p]! * 4096);
    value += (high / 4096 + (grain[p]! * 4096 - high) - 1) * noise;
    out[p] = Math.round(Math.min(1, Math.max(0, value)) * 255);
  }
}

function throwDice(k: Key): Dice {
  const numbers = uniform(k, SHAPE_NUMBERS);
  let taken = 0;
  const next = () => {
    if (taken === SHAPE_NUMBERS) throw new RangeError(`a drawing takes more than ${SHAPE_NUMBERS} random numbers`);
    return at(numbers, taken++);
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    about: (width) => (next() + next() - 1) * width,
  };
}

/** A random way to lay the grid on the image: bent, then affine. */
function placement(dice: Dice): Place {
  // The half-angle's tangent gives an exact rotation without sine or cosine: ±0.15 is ±17 degrees.
  const t = dice.about(0.15);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  const shear = dice.about(0.35);
  const size = dice.between(0.75, 1.15);
  const narrow = dice.between(0.7, 1.15);
  const bend = [dice.about(0.2), dice.about(0.2), dice.about(0.25), dice.about(0.25)] as const;
  const shift = [CENTRE + dice.about(3), CENTRE + dice.about(3)] as const;
  return (gridX, gridY) => {
    const u = gridX / (GRID_HEIGHT / 2) - GRID_WIDTH / GRID_HEIGHT;
    const v = gridY / (GRID_HEIGHT / 2) - 1;
    const bentX = (u + bend[0] * v * v + bend[2] * u * v) * narrow;
    const bentY = v + bend[1] * u * u + bend[3] * u * v;
    const x = (bentX - shear * bentY) * size * HALF_HEIGHT;
    const y = bentY * size * HALF_HEIGHT;
    return [cos * x - sin * y + shift[0], sin * x + cos * y + shift[1]];
  };
}

/** The path of a stroke on the image, with jittered points and a tapering pen. */
function trace({ smooth, points }: Stroke, place: Place, radius: number, dice: Dice): Dot[] {
  const last = points.length - 1;
  const taper = dice.about(0.4);
  const knots = points.map(([x, y], i) => {
    const [px, py] = place(x + dice.about(1.1), y + dice.about(1.1));
    return { x: px, y: py, radius: radius * (1 + taper * (i / last - 0.5)) };
  });
  return smooth ? spline(knots) : knots;
}

/** A Catmull-Rom curve through the knots, in straight pieces. */
function spline(knots: readonly Dot[]): Dot[] {
  const dots: Dot[] = [at(knots, 0)];
  for (let i = 1; i < knots.length; i++) {
    const b = at(knots, i - 1);
    const c = at(knots, i);
    const a = knots[i - 2] ?? b;
    const d = knots[i + 1] ?? c;
    for (let piece = 1; piece <= PIECES; piece++) {
      const s = piece / PIECES;
      dots.push({
        x: catmullRom(s, a.x, b.x, c.x, d.x),
        y: catmullRom(s, a.y, b.y, c.y, d.y),
        radius: b.radius + s * (c.radius - b.radius),
      });
    }
  }
  return dots;
}

/** The cubic from b (s = 0) to c (s = 1) with the slopes of the chords a–c and b–d. */
function catmullRom(s: number, a: number, b: number, c: number, d: number): number {
  return b + 0.5 * s * (c - a + s * (2 * a - 5 * b + 4 * c - d + s * (3 * (b - c) + d - a)));
}

/** A straight line from a point to a random one within `reach` in each direction. */
function shortLine(x: number, y: number, reach: number, radius: number, dice: Dice): Dot[] {
  return [
    { x, y, radius },
    { x: x + dice.about(reach), y: y + dice.about(reach), radius },
  ];
}

/**
 * Lowers the distance of nearby pixels to the pen's edge (negative inside) to that of this path.
 */
function sweep(dots: readonly Dot[], softness: number, distances: Float64Array): void {
  for (let i = 1; i < dots.length; i++) {
    const [a, b] = [at(dots, i - 1), at(dots, i)];
    const reach = Math.max(a.radius, b.radius) + softness / 2;
    const top = Math.max(0, Math.ceil(Math.min(a.y, b.y) - reach));
    const bottom = Math.min(GLYPH_SIZE - 1, Math.floor(Math.max(a.y, b.y) + reach));
    const left = Math.max(0, Math.ceil(Math.min(a.x, b.x) - reach));
    const right = Math.min(GLYPH_SIZE - 1, Math.floor(Math.max(a.x, b.x) + reach));
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const squared = dx * dx + dy * dy;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = squared > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / squared : 0;
        const s = Math.min(1, Math.max(0, along));
        const [ex, ey] = [x - a.x - s * dx, y - a.y - s * dy];
        const distance = Math.sqrt(ex * ex + ey * ey) - a.radius - s * (b.radius - a.radius);
        const p = y * GLYPH_SIZE + x;
        if (distance < distances[p]!) distances[p] = distance;
      }
    }
  }
}

/** Ink of a pixel: 1 inside the pen's edge, 0 outside, with a transition of `softness` pixels. */
function coverage(distance: number, softness: number): number {
  const inside = 0.5 - distance / softness;
  if (inside <= 0) return 0;
  return inside >= 1 ? 1 : inside * inside * (3 - 2 * inside);
}
