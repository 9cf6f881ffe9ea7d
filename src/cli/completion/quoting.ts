/** Texts in scripts of shells. */

/** A text in single quotes, for bash, zsh and fish: none of the texts here has a backslash. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
