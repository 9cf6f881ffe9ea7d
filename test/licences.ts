/**
 * npm run licences
 *
 * Writes docs/licences.md: the licences of all packages that are installed with this one, as the
 * lock file names them. A test compares the document with the lock file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What the lock file says about a package. */
interface Locked {
  readonly version: string;
  readonly license?: string;
  /** Only for the development of this package. */
  readonly dev?: boolean;
  /** Only for some machines. */
  readonly optional?: boolean;
}

const DOCUMENT = fileURLToPath(new URL("../docs/licences.md", import.meta.url));

/** The part of a licence that asks for more than to be named. */
const COPYLEFT = /\b(?:A?GPL|LGPL|MPL|EPL|CDDL)\b/;

/** The document for a lock file. */
export function licencesText(lock: { readonly packages: Readonly<Record<string, Locked>> }): string {
  const packages = Object.entries(lock.packages)
    .filter(([path, { dev = false }]) => path !== "" && !dev)
    .map(([path, { version, license = "not named", optional = false }]) => ({
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      license,
      optional,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  const rows = (of: typeof packages) =>
    of.map(
      ({ name, version, license, optional }) => `| ${name} | ${version} | ${license} | ${optional ? "some" : "all"} |`,
    );
  const table = (of: typeof packages) =>
    ["| package | version | licence | machines |", "|---|---|---|---|", ...rows(of)].join("\n");
  const strict = packages.filter(({ license }) => COPYLEFT.test(license));
  return `# Licences

This package is under the MIT licence. It is installed with the ${packages.length} packages below, each under its
own licence. Made by \`npm run licences\` from package-lock.json.

## Licences that ask for more than a notice

These are used as they are published, through their public interfaces, and can be replaced by other
versions of them. Whoever passes them on, in a bundle or an image, passes on their licences too.

${table(strict)}

## All others

${table(packages.filter((each) => !strict.includes(each)))}
`;
}

/** The lock file of this repository. */
export const lockFile = (): Parameters<typeof licencesText>[0] =>
  JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));

/** The document as it is. */
export const licencesDocument = (): string => readFileSync(DOCUMENT, "utf8");

if (process.argv[1]?.endsWith("licences.ts")) writeFileSync(DOCUMENT, licencesText(lockFile()));
