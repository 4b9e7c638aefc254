import type { Journal } from '../ports/journal.ts';

export const LOG_LEVELS = ['info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

type Details = Readonly<Record<string, unknown>>;

/** Writes one line an event, as text for people or as JSON for collectors; below its level it is silent. */
export class LineJournal implements Journal {
  level: LogLevel;
  private readonly format: LogFormat;
  private readonly write: (line: string) => void;
  private readonly now: () => Date;

  constructor(options: {
    readonly level: LogLevel;
    readonly format: LogFormat;
    readonly write: (line: string) => void;
    readonly now: () => Date;
  }) {
    this.level = options.level;
    this.format = options.format;
    this.write = options.write;
    this.now = options.now;
  }

  info(message: string, details?: Details): void {
    this.line('info', message, details);
  }

  warn(message: string, details?: Details): void {
    this.line('warn', message, details);
  }

  error(message: string, details?: Details): void {
    this.line('error', message, details);
  }

  private line(level: LogLevel, message: string, details: Details = {}): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.level)) return;
    const at = this.now().toISOString();
    const line =
      this.format === 'json'
        ? JSON.stringify({ at, level, message, ...details })
        : [at, level.padEnd(5), message, ...asTexts(details)].join(' ');
    this.write(`${withoutPasswords(line)}\n`);
  }
}

function asTexts(details: Details): string[] {
  return Object.entries(details).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${key}=${/^[\w.:/@-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
}

/** An engine's error text may repeat the URL that it was given. */
export function withoutPasswords(text: string): string {
  return text.replace(/(\w+:\/\/[^\s:/@]+):[^\s@]+@/g, '$1:***@');
}
