import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Reader, Writer } from './bytes.ts';
import { ServerError } from './errors.ts';

const VERIFIER_12C = 0x4815;
const SALT_BYTES = 16;
const KEY_PART_BYTES = 32;
const SESSION_ROUNDS = 3;

/** The body of both calls of a logon. */
export interface LogonMessage {
  readonly user: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Reads the body of either call of a logon. */
export function readLogon(reader: Reader): LogonMessage {
  reader.skip(1);
  const userBytes = reader.int();
  reader.int();
  reader.skip(1);
  const count = reader.count();
  reader.skip(2);
  const user = userBytes > 0 ? reader.text() : '';
  const values = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const key = reader.longText();
    values.set(key, reader.longText());
    reader.int();
  }
  return { user, values };
}

/** The name of a user as the dictionary has it. */
export function userName(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1) : text.toUpperCase();
}

/**
 * The server's half of O5LOGON with the verifier of 12c: client and server prove to each other that they
 * know the password, and send it neither in the clear nor twice alike.
 */
export class Challenge {
  private readonly password: string | undefined;
  private readonly rounds: number;
  private readonly salt = randomBytes(SALT_BYTES);
  private readonly sessionSalt = randomBytes(SALT_BYTES);
  private readonly ownPart = randomBytes(KEY_PART_BYTES);
  private readonly key: Buffer;

  /** A user that is not known gets a challenge that nobody can answer. */
  constructor(password: string | undefined, rounds: number) {
    this.password = password;
    this.rounds = rounds;
    const secret = password ?? randomBytes(SALT_BYTES);
    const speedy = Buffer.concat([this.salt, Buffer.from('AUTH_PBKDF2_SPEEDY_KEY')]);
    const derived = pbkdf2Sync(secret, speedy, rounds, 64, 'sha512');
    const digest = createHash('sha512').update(derived).update(this.salt).digest();
    this.key = digest.subarray(0, KEY_PART_BYTES);
  }

  /** Writes the reply to the first call, without its end. */
  write(writer: Writer): Writer {
    return writer
      .u8(8)
      .int(6)
      .keyValue('AUTH_SESSKEY', hex(encrypt(this.key, this.ownPart)))
      .keyValue('AUTH_VFR_DATA', hex(this.salt), VERIFIER_12C)
      .keyValue('AUTH_PBKDF2_CSK_SALT', hex(this.sessionSalt))
      .keyValue('AUTH_PBKDF2_VGEN_COUNT', String(this.rounds))
      .keyValue('AUTH_PBKDF2_SDER_COUNT', String(SESSION_ROUNDS))
      .keyValue('AUTH_GLOBALLY_UNIQUE_DBID\0', hex(randomBytes(SALT_BYTES)));
  }

  /** Checks the answer of the second call; gives the proof that the server knows the password as well. */
  answer(values: ReadonlyMap<string, string>): string {
    const clientPart = bytesOfHex(values.get('AUTH_SESSKEY'), KEY_PART_BYTES);
    const encrypted = bytesOfHex(values.get('AUTH_PASSWORD'), SALT_BYTES);
    if (this.password === undefined) throw denied();
    const part = decrypt(this.key, clientPart).subarray(0, KEY_PART_BYTES);
    const mixed = hex(Buffer.concat([part, this.ownPart]));
    const sessionKey = pbkdf2Sync(mixed, this.sessionSalt, SESSION_ROUNDS, 32, 'sha512');
    const plain = decrypt(sessionKey, encrypted).subarray(SALT_BYTES);
    const password = plain.subarray(0, plain.length - (plain.at(-1) ?? 0));
    if (!password.equals(Buffer.from(this.password))) throw denied();
    const greeting = Buffer.from('SERVER_TO_CLIENT');
    const proof = Buffer.concat([randomBytes(SALT_BYTES), greeting, Buffer.alloc(16, 16)]);
    return hex(encrypt(sessionKey, proof));
  }
}

function denied(): ServerError {
  return new ServerError(1017, 'invalid username/password; logon denied');
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

/** Whole blocks of the cipher; whatever is no such thing is a failed logon. */
function bytesOfHex(text: string | undefined, bytesMin: number): Buffer {
  const bytes = Buffer.from(text ?? '', 'hex');
  if (bytes.length < bytesMin || bytes.length % SALT_BYTES !== 0) throw denied();
  return bytes;
}

function encrypt(key: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

function decrypt(key: Buffer, encrypted: Buffer): Buffer {
  const cipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(encrypted), cipher.final()]);
}
