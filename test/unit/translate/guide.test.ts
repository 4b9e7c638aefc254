import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { translate } from '../../../src/targets/mariadb/translate/translate.ts';

test('the package of the guide is translated as it stands there', () => {
  const guide = readFileSync(new URL('../../../docs/GUIDE.md', import.meta.url), 'utf8');
  const chapter = guide.slice(guide.indexOf('# Oracle and MariaDB: packages in PL/SQL'));
  const text = /```sql\n(.*?)```/s.exec(chapter)?.[1] ?? '';
  const { units, problems } = translate([{ path: 'guide.sql', text }]);
  expect(problems).toEqual([]);
  expect(units.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'sql tidy_work',
    'package tidy',
    'package body tidy',
  ]);
});
