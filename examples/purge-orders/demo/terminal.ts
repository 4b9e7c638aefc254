import { styleText } from 'node:util';

/** One line of the demo's own words. */
export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** What comes next. */
export function heading(text: string): void {
  say(`\n${styled('bold', text)}`);
}

/** A command as a person types it. */
export function prompt(command: string): void {
  say(styled('cyan', `$ ${command}`));
}

export function verdict(ok: boolean): string {
  return ok ? styled('green', 'PASS') : styled('red', 'FAIL');
}

/** Columns of text; a heading that begins with > stands above numbers. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = headings.map((name) => name.replace(/^>/, ''));
  const widths = names.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        headings[column]?.startsWith('>')
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(names), ...rows.map(line)].join('\n');
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** What is piped into a file stays plain text. */
function styled(format: Parameters<typeof styleText>[0], text: string): string {
  return process.stdout.isTTY ? styleText(format, text) : text;
}
