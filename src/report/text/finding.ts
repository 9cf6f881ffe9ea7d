/** A finding of the report: one number, and what it means. */
export interface Finding {
  readonly label: string;
  readonly value: string;
  readonly meaning: string;
  /** The name of the figure that shows it. */
  readonly figure?: string;
}
