import type { ServerSettings } from './types.ts';

/** The settings with nothing left open. */
export type Settings = {
  readonly [Name in Exclude<keyof ServerSettings, 'tls'>]-?: NonNullable<ServerSettings[Name]>;
};

/** Fills in what the profile has. */
export function settingsOf(given: ServerSettings): Settings {
  const isNew = given.profile === '23';
  return {
    users: given.users,
    profile: given.profile ?? '19',
    services: given.services ?? ['ORCLPDB1'],
    fieldVersion: given.fieldVersion ?? (isNew ? 24 : 13),
    version: given.version ?? (isNew ? [23, 5, 0, 24, 7] : [19, 3, 0, 0, 0]),
    maxStringSize: given.maxStringSize ?? 4000,
    sdu: given.sdu ?? 8192,
    maxOpenCursors: given.maxOpenCursors ?? 300,
    errorMarkers: given.errorMarkers ?? !isNew,
    bitVectors: given.bitVectors ?? true,
    cancelGraceMs: given.cancelGraceMs ?? 2000,
    lostClient: given.lostClient ?? 'run-on',
    pbkdf2Iterations: given.pbkdf2Iterations ?? 4096,
    maxRequestBytes: given.maxRequestBytes ?? 64 * 1024 * 1024,
  };
}
