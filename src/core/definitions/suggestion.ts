const MAX_LISTED = 16;

/** How many single-letter edits turn one text into the other (a swap of neighbours counts as two). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const shifted = Math.min(previous[column] ?? 0, current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, shifted));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function nearest(wrong: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wrong.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** What to do about an unknown name: the nearest known one, else the list of those that are known. */
export function suggestion(wrong: string, known: readonly string[]): string {
  const near = nearest(wrong, known);
  if (near !== null) return `Did you mean "${near}"?`;
  if (known.length === 0) return 'None is defined: define it, or remove this.';
  const listed = [...known].slice(0, MAX_LISTED).join(', ');
  return known.length > MAX_LISTED ? `Known: ${listed}, …` : `Known: ${listed}.`;
}
