import { describe, expect, it } from "vitest";

import { families } from "../../records/index.ts";
import { darkTheme, pageTheme, paperTheme } from "./theme.ts";

/** The relative luminance of a colour such as `#1d2127` (WCAG 2). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

const contrast = (a: string, b: string): number => {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
};

describe.each([
  ["paper", paperTheme],
  ["a dark screen", darkTheme],
])("the colours for %s", (_, theme) => {
  it("contrast with the background: text and the names of networks by 4.5 to 1", () => {
    expect(contrast(theme.ink, theme.background)).toBeGreaterThan(4.5);
    for (const family of families) expect(contrast(theme[family], theme.background), family).toBeGreaterThan(4.5);
  });

  it("differ between the families of networks", () => {
    expect(new Set(families.map((family) => theme[family])).size).toBe(families.length);
  });
});

it("the page has a variable for every colour", () => {
  expect(Object.keys(darkTheme).toSorted()).toEqual(Object.keys(paperTheme).toSorted());
  for (const [name, colour] of Object.entries(pageTheme)) expect(colour).toBe(`var(--${name})`);
  expect(Object.keys(pageTheme)).toEqual(Object.keys(paperTheme));
});
