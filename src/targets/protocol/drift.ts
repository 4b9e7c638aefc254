/** Routine or view, as people name it (`purge.rebuild(text)`) → hash of its definition. */
export type Fingerprint = Readonly<Record<string, string>>;

/** One difference between what was installed and what is there. */
export interface Drift {
  readonly name: string;
  readonly how: 'changed' | 'missing' | 'added';
}

/** What differs, in the order of names. */
export function compareFingerprints(installed: Fingerprint, actual: Fingerprint): Drift[] {
  const drifts: Drift[] = [];
  for (const name of Object.keys({ ...installed, ...actual }).sort()) {
    if (actual[name] === installed[name]) continue;
    if (actual[name] === undefined) drifts.push({ name, how: 'missing' });
    else drifts.push({ name, how: installed[name] === undefined ? 'added' : 'changed' });
  }
  return drifts;
}

/** `purge.rebuild(text) changed, purge.old(text) missing`. */
export function driftText(drifts: readonly Drift[]): string {
  return drifts.map(({ name, how }) => `${name} ${how}`).join(', ');
}
