import { durationMs } from '../core/definitions/duration.ts';
import { type OdtmError, odtmError } from '../core/errors/catalogue.ts';

/** Reads the options of one command line; a value that cannot be is an error that says what can. */
export class OptionReader {
  private readonly command: string;
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(command: string, values: Readonly<Record<string, unknown>>) {
    this.command = command;
    this.values = values;
  }

  /** Whether a flag is given; of `--no-wait` ask for `wait`. */
  flag(name: string): boolean {
    return this.values[camel(name)] === true;
  }

  /** Whether an option with an optional value is given, with or without it. */
  given(name: string): boolean {
    return this.values[camel(name)] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.values[camel(name)];
    if (typeof value !== 'string') return undefined;
    if (value.trim() === '') throw this.usage(`--${name} is empty`);
    return value;
  }

  /** @throws OdtmError USAGE where it is missing */
  required(name: string, meaning: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.usage(`--${name} is missing: ${meaning}`);
    return value;
  }

  /** Items separated by commas; undefined where it is not given. */
  list(name: string): readonly string[] | undefined {
    const items = this.text(name)
      ?.split(',')
      .map((item) => item.trim());
    if (items?.includes('')) throw this.usage(`--${name} has an empty item`);
    const twice = items?.find((item, index) => items.indexOf(item) !== index);
    if (twice !== undefined) throw this.usage(`--${name} names ${twice} twice`);
    return items;
  }

  integer(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw this.usage(`--${name} is "${text}"; it must be a whole number from ${least} to ${most}`);
  }

  choice<const T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.text(name);
    const found = allowed.find((one) => one === text);
    if (text === undefined || found !== undefined) return found;
    throw this.usage(`--${name} is "${text}"; it must be one of ${allowed.join(', ')}`);
  }

  /** A duration such as `90d` or `1h30m`, in milliseconds. */
  durationMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const ms = durationMs(text);
    if (ms !== null) return ms;
    throw this.usage(`--${name} is "${text}"; it must be a duration such as 90d, 12h or 1h30m`);
  }

  /** @throws OdtmError USAGE where more than one of them is given */
  atMostOne(...names: readonly string[]): void {
    const given = names.filter((name) => this.given(name));
    if (given.length < 2) return;
    throw this.usage(`${given.map((name) => `--${name}`).join(' and ')} exclude each other`);
  }

  usage(problem: string): OdtmError {
    return odtmError('USAGE', { problem: `${problem}.`, help: `odtm ${this.command} --help` });
  }
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
