/** Places labels beside their points so that they cover neither marks nor one another. */
import { CHARACTER } from "./legend.ts";

/** Height of a line of small text, pixels. */
const HEIGHT = 12;

/** Space to both sides of a label, pixels. */
const SPACE = 2;

/** How far from its point a label may stand, pixels; nearer is better. */
const REACHES = [8, 15, 22];

/** A point with a text, in pixels from the upper left corner of the frame. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** What no label may cover: from its upper left to its lower right corner, pixels. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * The labels, each with the middle of its text where that is free: beside its point, above or
 * below. Earlier labels are placed first; those for which there is no room are left out.
 * @param obstacles what no label may cover.
 * @param frame within which all labels must lie.
 */
export function placeLabels<T extends Label>(labels: readonly T[], obstacles: readonly Box[], frame: Box): T[] {
  const taken = [...obstacles];
  const placed: T[] = [];
  for (const label of labels) {
    for (const at of placesOf(label)) {
      const box = boxOf(label.text, at);
      if (!isInside(box, frame) || taken.some((other) => isOver(box, other))) continue;
      taken.push(box);
      placed.push({ ...label, ...at });
      break;
    }
  }
  return placed;
}

/** Where a label may stand, best places first. */
function placesOf({ text, x, y }: Label): { readonly x: number; readonly y: number }[] {
  const half = (CHARACTER * text.length) / 2;
  return REACHES.flatMap((reach) => {
    const [aside, up] = [reach + half, reach + HEIGHT / 2];
    const slanted = half + 0.5 * reach;
    return [
      { x: x + aside, y },
      { x: x - aside, y },
      { x: x + slanted, y: y - up },
      { x: x - slanted, y: y - up },
      { x: x + slanted, y: y + up },
      { x: x - slanted, y: y + up },
      { x, y: y - up },
      { x, y: y + up },
    ];
  });
}

function boxOf(text: string, { x, y }: { readonly x: number; readonly y: number }): Box {
  const half = (CHARACTER * text.length) / 2 + SPACE;
  return { x1: x - half, x2: x + half, y1: y - HEIGHT / 2, y2: y + HEIGHT / 2 };
}

const isInside = (box: Box, frame: Box): boolean =>
  box.x1 >= frame.x1 && box.x2 <= frame.x2 && box.y1 >= frame.y1 && box.y2 <= frame.y2;

const isOver = (a: Box, b: Box): boolean => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
