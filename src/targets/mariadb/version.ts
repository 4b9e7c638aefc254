/** Major and minor. */
export type Version = readonly [major: number, minor: number];

/** The oldest server that is served. */
export const OLDEST_VERSION: Version = [10, 6];

/** The newest version that the tests have been run on. */
const NEWEST_TESTED: Version = [10, 11];

/** What VERSION() says, also behind a mark for old clients and by the enterprise server; null: no MariaDB. */
export function versionOf(text: string): Version | null {
  const [, major, minor] = /(\d+)\.(\d+)\.\d+(?:-\d+)?-MariaDB/.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

/** Whether ODTM works on that server. */
export function isServed(text: string): boolean {
  const version = versionOf(text);
  return version !== null && !isBefore(version, OLDEST_VERSION);
}

/** Whether nobody has run the tests on it yet. */
export function isNewerThanTested(text: string): boolean {
  const version = versionOf(text);
  return version !== null && isBefore(NEWEST_TESTED, version);
}

function isBefore([major, minor]: Version, [otherMajor, otherMinor]: Version): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
