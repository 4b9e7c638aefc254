import { SqlError } from 'mariadb';
import { describe, expect, test } from 'vitest';
import { plainFailure } from '../../../src/core/run/failure.ts';
import { TargetError } from '../../../src/ports/target.ts';
import { readBlock } from '../../support/oracle-stand-in/blocks.ts';
import { resultOf } from '../../support/oracle-stand-in/columns.ts';
import {
  oracleError,
  oracleNumber,
  oracleText,
} from '../../support/oracle-stand-in/error-numbers.ts';
import type { Bind } from '../../support/orawire/server.ts';

function bind(name: string, position: number, value: unknown = null): Bind {
  return { name, position, dir: 'any', type: 'VARCHAR2', value, maxSize: 100, isArray: false };
}

describe('the stand-in for oracle reads a block:', () => {
  test('binds named out_ become variables, the others stay places', () => {
    const text = "BEGIN dom$run.enter(:1, ':out_x', :out_session_no); v := :2; END;";
    expect(readBlock(text, [])).toEqual({
      text: "BEGIN dom$run.enter(:1, ':out_x', @out_session_no); v := :2; END;",
      outNames: ['out_session_no'],
      eventsAfter: null,
    });
  });

  test('the call for events is answered by itself', () => {
    const text =
      'BEGIN dom$run.answer(:out_unit_id); dom$run.answer_events(:10, :out_events); END;';
    expect(readBlock(text, [bind('OUT_UNIT_ID', 0), bind('10', 1, 7)])).toEqual({
      text: 'BEGIN dom$run.answer(@out_unit_id);  END;',
      outNames: ['out_unit_id'],
      eventsAfter: 7,
    });
  });
});

describe('the stand-in for oracle speaks of errors as Oracle does:', () => {
  test.each<[number, number]>([
    [1062, 1],
    [1205, 54],
    [1213, 60],
    [1054, 904],
    [1146, 942],
    [1050, 955],
    [1317, 1013],
    [1048, 1400],
    [1365, 1476],
    [4025, 2290],
    [20_115, 20_115],
    [9999, 3001],
  ])('%i is ORA-%i', (number, expected) => {
    expect(oracleNumber(number)).toBe(expected);
  });

  test('with the text of Oracle, and that of MariaDB behind it', () => {
    expect(oracleText(1365, 'Division by 0')).toBe(
      'ORA-01476: divisor is equal to zero (Division by 0)',
    );
    expect(oracleText(20_100, 'ORA-20100: all done')).toBe('ORA-20100: all done');
  });

  test('with a stack below; a session that is gone has been killed; others are bugs', () => {
    const sql = new SqlError('Duplicate entry', 'Duplicate entry', false, undefined, '23000', 1062);
    const wrapped = new TargetError('failed', plainFailure('1062', 'Duplicate entry'), sql);
    expect(oracleError(wrapped, ['ORA-06512: at line 3'])).toEqual({
      code: 1,
      message: 'ORA-00001: unique constraint violated (Duplicate entry)\nORA-06512: at line 3',
    });
    const lost = new TargetError('lost', plainFailure('ODTM', 'gone'));
    expect(oracleError(lost)).toMatchObject({ code: 28 });
    expect(() => oracleError(new TypeError('a bug'))).toThrow('a bug');
  });
});

describe('the stand-in for oracle describes results:', () => {
  function rowsOf(row: Record<string, unknown>, types: Record<string, string>) {
    const meta = Object.entries(types).map(([name, type]) => ({ name: () => name, type }));
    return Object.assign([row], { meta });
  }

  test('names in capitals, long texts as CLOB', () => {
    const types = { id: 'BIGINT', txt: 'VAR_STRING', sql_text: 'LONG_BLOB' };
    const { columns, rows } = resultOf(
      rowsOf({ id: 7n, txt: 'a', sql_text: null }, types),
      'SELECT …',
    );
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['ID', 'NUMBER'],
      ['TXT', 'VARCHAR2'],
      ['SQL_TEXT', 'CLOB'],
    ]);
    expect(rows).toEqual([[7, 'a', null]]);
  });

  test('errors in the live log have Oracle’s numbers', () => {
    const types = { code: 'INT', sql_text: 'LONG_BLOB' };
    const rows = rowsOf({ code: 1365, sql_text: 'Division by 0' }, types);
    expect(resultOf(rows, 'SELECT l.code, l.sql_text FROM dom$log l').rows).toEqual([
      [1476, 'ORA-01476: divisor is equal to zero (Division by 0)'],
    ]);
  });
});
