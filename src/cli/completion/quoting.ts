/** Texts in scripts of shells. */

/** A text in single quotes, for bash, zsh and fish: none of the texts here has a backslash. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The names that npm links the program under; a shell completes it by each of them. */
export const PROGRAMS: readonly string[] = ["pdiff", "nnd", "neural-network-diffusion"];
