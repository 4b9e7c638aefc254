import { writeFile } from 'node:fs/promises';
import { catalogue } from '../src/core/errors/catalogue.ts';
import type { ErrorEntry } from '../src/core/errors/define.ts';

/** docs/ERRORS.md, which a unit test compares with the catalogue. */
export const ERRORS_PAGE = new URL('../docs/ERRORS.md', import.meta.url);

const HEAD = `# Errors

Every error that ODTM reports has a code that does not change, a message with the values, and a remedy.
On the command line they go to the standard error stream, with \`--json\` as
\`{"error": {"code", "name", "message", "remedy", "retryable"}}\`. Words in braces stand for values.

Errors of a database inside a run (the failure of a task) are not in this list: they are recorded with
the code and the texts that the database gave; see them with \`odtm show\` and \`odtm log --failed\`.

This page is written by \`scripts/make-errors-doc.ts\` from the catalogue in \`src/core/errors\`.
`;

const GROUPS: readonly { readonly prefix: string; readonly title: string }[] = [
  { prefix: 'ODTM-1', title: 'Definitions, packages and parameters' },
  { prefix: 'ODTM-2', title: 'Starting, steering and looking at runs' },
  { prefix: 'ODTM-3', title: 'Target databases' },
  { prefix: 'ODTM-4', title: 'The repository and its server' },
  { prefix: 'ODTM-5', title: 'Command lines, configuration and the program itself' },
];

const RETRY = {
  retryable: 'the same command may succeed when it is simply made again',
  final: 'the same command fails again until the remedy is done',
} as const;

/** The page as the catalogue wants it, its sections in the order of the codes. */
function errorsPage(): string {
  const sections = GROUPS.map(({ prefix, title }) => {
    const entries = Object.entries<ErrorEntry>(catalogue)
      .filter(([, { code }]) => code.startsWith(prefix))
      .sort(([, a], [, b]) => (a.code < b.code ? -1 : 1));
    return `\n## ${title}\n${entries.map(([name, entry]) => section(name, entry)).join('')}`;
  });
  return HEAD + sections.join('');
}

function section(name: string, entry: ErrorEntry): string {
  return `
### ${entry.code} ${name}

\`\`\`text
${entry.message}
→ ${entry.remedy}
\`\`\`

Exit code ${entry.exitCode}, HTTP status ${entry.httpStatus}; ${RETRY[entry.retry]}.
`;
}

if (import.meta.main) {
  await writeFile(ERRORS_PAGE, errorsPage());
  console.log('docs/ERRORS.md is written.');
}
