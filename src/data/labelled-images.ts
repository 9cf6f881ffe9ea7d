/** Grey images with their labels, as a file holds them or a pen drew them: what a data set is made from. */

/** Images of one size. */
export interface LabelledImages {
  readonly height: number;
  readonly width: number;
  /** `[count, height, width]` */
  readonly images: Uint8Array;
  /** `[count]` */
  readonly labels: Uint8Array;
}
