import { describe, expect, test } from 'vitest';
import { Reader, ShortOfBytes, Writer } from '../../support/orawire/bytes.ts';
import { MalformedMessage } from '../../support/orawire/errors.ts';
import {
  LOCATOR_BYTES,
  type LobData,
  LobLocator,
  type LobRequest,
  LobStore,
  readLobRequest,
  runLobRequest,
} from '../../support/orawire/lobs.ts';
import { Challenge, readLogon, userName } from '../../support/orawire/logon.ts';
import { encodeUtf16 } from '../../support/orawire/scalar-codec.ts';
import { type Column, ORACLE_TYPES, type TypeName } from '../../support/orawire/types.ts';
import {
  readValue,
  typeNameOf,
  typeOfColumn,
  type ValueHome,
  writeColumnValue,
  writeOutValue,
} from '../../support/orawire/values.ts';
import { answer } from './raw-client.ts';

function homeOf(lobs: LobStore): ValueHome {
  return {
    maxStringSize: 4000,
    keepLob: (data) => lobs.add(data, false),
    writeCursor: (writer) => {
      writer.int(7);
    },
  };
}

function typeOf(type: TypeName, size?: number) {
  const column: Column = { name: 'X', type, size };
  return typeOfColumn(column);
}

const instant = new Date('2024-02-29T12:34:56.789Z');
const values: readonly [TypeName, unknown, unknown?][] = [
  ['VARCHAR2', 'größe 😀'],
  ['VARCHAR2', 'x'.repeat(4000)],
  ['VARCHAR2', '', null],
  ['VARCHAR2', 12, '12'],
  ['VARCHAR2', { a: 1 }, '{"a":1}'],
  ['NVARCHAR2', 'größe 😀'],
  ['CHAR', 'abc  '],
  ['NUMBER', 12.5],
  ['NUMBER', '123456789012345678901234567890.5'],
  ['NUMBER', 12n, 12],
  ['NUMBER', true, 1],
  ['BINARY_INTEGER', -3],
  ['BINARY_FLOAT', 1.5],
  ['BINARY_DOUBLE', -0.1],
  ['BOOLEAN', true],
  ['BOOLEAN', false],
  ['DATE', '2024-02-29T23:59:58'],
  ['TIMESTAMP', '2024-02-29T23:59:58.000001'],
  ['TIMESTAMP_TZ', instant],
  ['TIMESTAMP_LTZ', instant],
  ['INTERVAL_YM', { years: 1, months: -2 }],
  ['INTERVAL_DS', { days: 1, hours: 2, minutes: 3, seconds: 4, fseconds: -5 }],
  ['RAW', Buffer.of(0, 255)],
  ['RAW', new Uint8Array([1, 2]), Buffer.of(1, 2)],
  ['LONG', 'long'],
];

describe('values', () => {
  test.each(values)('%s: %o comes back from the wire', (name, value, expected = value) => {
    const type = typeOf(name);
    const writer = new Writer();
    writeOutValue(writer, type, value, homeOf(new LobStore()));
    const reader = new Reader(writer.done());
    expect(readValue(reader, type)).toEqual(expected);
    expect(reader.left).toBe(0);
    expect(typeNameOf(type)).toBe(name);
    const bytes = writer.done();
    for (let length = 0; length < bytes.length; length++) {
      const cut = new Reader(bytes.subarray(0, length));
      expect(() => readValue(cut, type)).toThrow(ShortOfBytes);
    }
  });

  test.each(Object.keys(ORACLE_TYPES) as TypeName[])('NULL of type %s is one byte', (name) => {
    const writer = new Writer();
    writeOutValue(writer, typeOf(name), null, homeOf(new LobStore()));
    writeOutValue(writer, typeOf(name), undefined, homeOf(new LobStore()));
    expect(writer.done()).toEqual(Buffer.of(0, 0));
  });

  test('columns have forms of their own: rowids, long values', () => {
    const written = (type: TypeName, value: unknown, size?: number) => {
      const writer = new Writer();
      writeColumnValue(writer, typeOf(type, size), value, homeOf(new LobStore()));
      return writer.done().toString('hex');
    };
    expect(written('ROWID', 'AAAR3sAAEAAAACXAAB')).toBe('0e03011dec010400' + '01970101');
    expect(written('ROWID', null)).toBe('00');
    expect(written('LONG', 'a')).toBe('01610000');
    expect(written('LONG', null)).toBe('00810102057d');
    expect(written('VARCHAR2', 'a', 4001)).toBe('01610000');
    expect(written('VARCHAR2', 'a', 4000)).toBe('0161');
  });

  test('the NULL of a boolean bind, and types without a name, are read', () => {
    expect(readValue(new Reader(Buffer.of(253, 1)), typeOf('BOOLEAN'))).toBeNull();
    const unknown = { code: 250, form: 0, isArray: false, maxSize: 1 };
    expect(typeNameOf(unknown)).toBe('#250');
    expect(readValue(new Reader(Buffer.of(1, 9)), unknown)).toEqual(Buffer.of(9));
    const writer = new Writer();
    const write = () => writeOutValue(writer, unknown, 'x', homeOf(new LobStore()));
    expect(write).toThrow('ORA-00932');
  });
});

describe('LOBs', () => {
  function request(operation: number, given: Partial<LobRequest>): LobRequest {
    const nothing = { offset: 1, destinationOffset: 0, amount: undefined, wantsFlag: false };
    return { operation, ...nothing, locator: Buffer.alloc(LOCATOR_BYTES), data: null, ...given };
  }

  function keep(data: LobData) {
    const lobs = new LobStore();
    return { lobs, locator: lobs.add(data, true) };
  }

  test('are read in parts, by characters', () => {
    const { lobs, locator } = keep('größe');
    const reply = runLobRequest(lobs, request(0x02, { locator, offset: 3, amount: 99 }));
    const reader = new Reader(reply);
    expect(reader.u8()).toBe(14);
    expect(reader.blob()).toEqual(encodeUtf16('öße'));
    expect([reader.u8(), reader.raw(LOCATOR_BYTES)]).toEqual([8, locator]);
    expect([reader.int(), reader.left]).toEqual([3, 0]);
  });

  test.each([
    ['text', 1, 'AB', 'ABxt'],
    ['text', 4, 'AB', 'texAB'],
    ['text', 7, 'AB', 'text  AB'],
    ['', 1, 'ä😀', 'ä😀'],
  ])('"%s" written over from %i with "%s" is "%s"', (before, offset, written, after) => {
    const text = keep(before);
    const data = encodeUtf16(written);
    runLobRequest(text.lobs, request(0x40, { locator: text.locator, offset, data }));
    expect(text.lobs.read(text.locator)).toBe(after);
  });

  test('bytes are written over, cut, and measured', () => {
    const { lobs, locator } = keep(Buffer.of(1, 2, 3));
    runLobRequest(lobs, request(0x40, { locator, offset: 5, data: Buffer.of(9) }));
    expect(lobs.read(locator)).toEqual(Buffer.of(1, 2, 3, 0, 9));
    runLobRequest(lobs, request(0x20, { locator, amount: 2 }));
    expect(lobs.read(locator)).toEqual(Buffer.of(1, 2));
    const reply = runLobRequest(lobs, request(0x01, { locator, amount: 0 }));
    expect(reply.at(-1)).toBe(2);
  });

  test('an offset far behind the end does not eat memory', () => {
    for (const data of ['', Buffer.alloc(0)]) {
      const { lobs, locator } = keep(data);
      const far = request(0x40, { locator, offset: 2 ** 40, data: Buffer.of(0, 1) });
      expect(() => runLobRequest(lobs, far)).toThrow('ORA-22993');
    }
  });

  test('what is freed, or never was, is ORA-22922', () => {
    const { lobs, locator } = keep('x');
    lobs.free(locator);
    expect(lobs.size).toBe(0);
    expect(() => runLobRequest(lobs, request(0x01, { locator }))).toThrow('ORA-22922');
    const create = request(0x110, { destinationOffset: 5 });
    expect(() => runLobRequest(lobs, create)).toThrow('ORA-22275');
  });

  test('broken requests are refused', () => {
    expect(() => new LobLocator(Buffer.alloc(3))).toThrow(MalformedMessage);
    expect(() => readLobRequest(new Reader(Buffer.alloc(200)))).toThrow(MalformedMessage);
    expect(() => readLobRequest(new Reader(Buffer.alloc(3)))).toThrow(ShortOfBytes);
  });
});

describe('logon', () => {
  function asked(challenge: Challenge): ReadonlyMap<string, string> {
    const reader = new Reader(challenge.write(new Writer()).done());
    reader.skip(1);
    const asked = new Map<string, string>();
    for (let left = reader.int(); left > 0; left--) {
      const key = reader.longText();
      asked.set(key, reader.longText());
      reader.int();
    }
    return asked;
  }

  test.each(['tiger', 'pä55 wörd with a long tail to cross a block'])(
    '"%s" is accepted',
    (word) => {
      const challenge = new Challenge(word, 8);
      const answered = new Map(Object.entries(answer(asked(challenge), word)));
      expect(challenge.answer(answered)).toMatch(/^[0-9A-F]{96}$/);
    },
  );

  test('no other password is accepted, and for an unknown user none at all', () => {
    for (const [known, given] of [
      ['tiger', 'tige'],
      ['tiger', 'tigers'],
      [undefined, 'tiger'],
    ]) {
      const challenge = new Challenge(known, 8);
      const answered = new Map(Object.entries(answer(asked(challenge), given ?? '')));
      expect(() => challenge.answer(answered)).toThrow('ORA-01017');
    }
  });

  test.each([
    {},
    { AUTH_SESSKEY: 'zz', AUTH_PASSWORD: 'zz' },
    { AUTH_SESSKEY: '00'.repeat(32), AUTH_PASSWORD: '00'.repeat(17) },
    { AUTH_SESSKEY: '00'.repeat(31), AUTH_PASSWORD: '00'.repeat(16) },
    { AUTH_SESSKEY: '00'.repeat(32), AUTH_PASSWORD: '00'.repeat(32) },
  ])('the answer %o is ORA-01017', (values) => {
    const answered = new Map(Object.entries(values));
    expect(() => new Challenge('tiger', 8).answer(answered)).toThrow('ORA-01017');
  });

  test('names are in capitals unless they are quoted', () => {
    expect(['scott', '"Scott"', '""'].map(userName)).toEqual(['SCOTT', 'Scott', '']);
  });

  test('a count of values that cannot be there is refused', () => {
    const bytes = Buffer.from('0100000104ffffffff0101', 'hex');
    expect(() => readLogon(new Reader(bytes))).toThrow(ShortOfBytes);
  });
});
