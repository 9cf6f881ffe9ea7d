/**
 * Colours of the figures (after Okabe and Ito), for readers who are colour-blind too. Networks
 * also differ by shape and place.
 */
import type { Family } from "../../records/index.ts";

/** Colours by use; those of networks by their family. */
export interface Theme extends Readonly<Record<Family, string>> {
  /** Text and axes. */
  readonly ink: string;
  /** Grid lines. */
  readonly rule: string;
  readonly background: string;
  /** The one network that is the average of the originals' weights. */
  readonly ensemble: string;
}

/** For a figure that stands alone, on paper. */
export const paperTheme: Theme = {
  ink: "#1d2127",
  rule: "#d9dde3",
  background: "#ffffff",
  originals: "#0067a8",
  reconstructions: "#00805e",
  samples: "#bf4a00",
  ensemble: "#1d2127",
  heldOut: "#1a75a6",
  references: "#4b5560",
  fineTuned: "#0a7f83",
  noise: "#626b75",
  average: "#8f6a00",
  gaussian: "#a3307d",
  latent: "#6750c0",
  trained: "#5b7300",
};

/** For a figure on a dark screen. */
export const darkTheme: Theme = {
  ink: "#e4e7eb",
  rule: "#363c45",
  background: "#14171b",
  originals: "#62b6f0",
  reconstructions: "#3fc596",
  samples: "#ff9552",
  ensemble: "#e4e7eb",
  heldOut: "#8fd3f5",
  references: "#c3cad2",
  fineTuned: "#4fc7c4",
  noise: "#99a3ae",
  average: "#dcb43c",
  gaussian: "#e987c5",
  latent: "#ab9bf5",
  trained: "#b5cf4a",
};

/** For figures inside the page, whose style sheet defines the variables for light and dark. */
export const pageTheme: Theme = Object.fromEntries(
  Object.keys(paperTheme).map((name) => [name, `var(--${name})`]),
) as Record<keyof Theme, string>;
