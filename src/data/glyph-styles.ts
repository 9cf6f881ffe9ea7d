/**
 * The styles of the digits 0 to 9 in the glyphs data set. A style is a few strokes of the pen,
 * given by points on a grid 14 wide and 20 high, x to the right and y downwards. Points are joined
 * by straight lines or by a smooth curve.
 */

/** One movement of the pen. */
export interface Stroke {
  readonly smooth: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Width and height of the grid. */
export const GRID_WIDTH = 14;
export const GRID_HEIGHT = 20;

const stroke = (smooth: boolean, points: string): Stroke => ({
  smooth,
  points: points.split(" ").map((point) => {
    const [x = 0, y = 0] = point.split(",").map(Number);
    return [x, y];
  }),
});
const line = (points: string) => stroke(false, points);
const curve = (points: string) => stroke(true, points);

/** For each digit its styles, all equally frequent; a style is a list of strokes. */
export const glyphStyles: readonly (readonly (readonly Stroke[])[])[] = [
  [[curve("7,0 2,3 0,10 2,17 7,20 12,17 14,10 12,3 7,0")], [curve("10,2 5,1 2,6 2,14 6,20 10,18 13,12 12,5 9,0 6,1")]],
  [
    [line("7,0 7,20")], // a mere line
    [line("3,5 8,0 8,20")],
    [line("3,4 7,0 7,20"), line("2,20 12,20")], // with a foot
  ],
  [
    [curve("1,5 3,1 8,0 12,3 11,8 6,14 0,20"), line("0,20 13,20")],
    [curve("1,4 5,0 10,1 11,6 7,13 3,18 1,18 2,15 5,16 9,20 13,18")], // with a loop
    [curve("2,3 6,0 11,2 11,7 7,13 2,19"), curve("2,19 6,18 10,20 13,19")],
  ],
  [
    [curve("1,3 6,0 11,2 11,7 5,9"), curve("5,9 12,11 13,16 7,20 0,17")],
    [line("1,0 12,0 5,8"), curve("5,8 11,9 13,14 10,19 5,20 0,17")], // with a flat top
  ],
  [
    [line("4,0 1,12 13,12"), line("10,4 9,20")], // open
    [line("10,20 10,0 0,13 14,13")], // closed
    [curve("2,0 1,7 4,10 10,9"), curve("12,0 11,10 10,20")], // round
  ],
  [
    [line("12,0 3,0 2,8"), curve("2,8 8,7 13,11 12,17 6,20 0,17")],
    [curve("2,1 2,5 2,8 8,8 12,12 11,17 6,20 1,18"), line("2,1 12,0")],
    [curve("12,1 5,1 2,5 6,9 11,12 11,17 6,20 1,18")], // in one stroke
  ],
  [[curve("11,0 5,4 1,12 3,19 8,20 13,16 11,11 6,10 1,14")], [curve("7,0 3,8 2,15 5,20 10,19 12,15 9,11 5,12 2,16")]],
  [
    [line("0,0 13,0 5,20")],
    [line("0,1 13,0 5,20"), line("4,10 12,10")], // with a bar
    [line("1,4 1,0 13,0"), curve("13,0 8,9 6,20")],
  ],
  [
    [curve("12,3 7,0 2,3 4,8 10,12 13,16 7,20 1,16 4,12 10,8 12,3")], // in one stroke
    [curve("7,0 2,4 7,9 12,4 7,0"), curve("7,9 1,14 7,20 13,14 7,9")],
  ],
  [
    [curve("12,4 8,0 2,2 2,8 7,10 12,6"), line("12,3 11,20")],
    [curve("12,6 7,10 1,7 3,1 8,0 12,4 12,11 10,17 4,20")], // with a hook
  ],
];
