const UNITS = [
  { letter: 'd', ms: 86_400_000 },
  { letter: 'h', ms: 3_600_000 },
  { letter: 'm', ms: 60_000 },
  { letter: 's', ms: 1000 },
] as const;

/** `90s`, `30m`, `4h`, `2d` and combinations in this order, such as `1h30m`. */
export const DURATION_PATTERN = /^(?=\d)(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?$/;

/** The milliseconds of a duration text; null where it is no duration. */
export function durationMs(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return null;
  return UNITS.reduce(
    (sum, unit, index) => sum + Number.parseInt(match[index + 1] ?? '0', 10) * unit.ms,
    0,
  );
}

/** A duration as text, in the form that the definition files use; below a second it is `0s`. */
export function durationText(ms: number): string {
  let rest = ms;
  let text = '';
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.ms);
    if (count > 0) text += `${count}${unit.letter}`;
    rest -= count * unit.ms;
  }
  return text === '' ? '0s' : text;
}
