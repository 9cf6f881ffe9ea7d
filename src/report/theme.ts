/** Colours of the figures. They are told apart by readers who are colour-blind (after Okabe and Ito), and by place. */

export interface Theme {
  /** Text and axes. */
  readonly ink: string;
  /** Grid lines. */
  readonly rule: string;
  readonly background: string;
  readonly originals: string;
  readonly reconstructions: string;
  readonly samples: string;
  readonly ensemble: string;
}

/** For a figure that stands alone, on paper. */
export const paperTheme: Theme = {
  ink: "#1d2127",
  rule: "#d9dde3",
  background: "#ffffff",
  originals: "#0067a8",
  reconstructions: "#00805e",
  samples: "#c94f00",
  ensemble: "#1d2127",
};

/** The same on a dark screen. */
export const darkTheme: Theme = {
  ink: "#e4e7eb",
  rule: "#363c45",
  background: "#14171b",
  originals: "#62b6f0",
  reconstructions: "#3fc596",
  samples: "#ff9552",
  ensemble: "#e4e7eb",
};

/** For a figure inside the page, whose style sheet defines the variables for light and dark. */
export const pageTheme: Theme = {
  ink: "var(--ink)",
  rule: "var(--rule)",
  background: "var(--background)",
  originals: "var(--originals)",
  reconstructions: "var(--reconstructions)",
  samples: "var(--samples)",
  ensemble: "var(--ensemble)",
};
