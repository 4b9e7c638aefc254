import { styleText } from 'node:util';
import type { RunStatus, StreamStatus } from '../../core/run/stream-status.ts';
import type { StatementStatus, UnitStatus } from '../../core/run/unit.ts';
import type { TextStream } from '../services.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'gray' | 'bold';

type AnyStatus = RunStatus | StreamStatus | UnitStatus | StatementStatus;

const STATUS_COLOURS: Readonly<Record<AnyStatus, Colour>> = {
  waiting: 'gray',
  admitted: 'gray',
  running: 'cyan',
  halting: 'yellow',
  cancelling: 'yellow',
  interrupted: 'yellow',
  failed: 'red',
  in_doubt: 'red',
  halted: 'yellow',
  expired: 'yellow',
  completed: 'green',
  cancelled: 'gray',
  done: 'green',
  complete: 'green',
  skipped: 'yellow',
  lost: 'gray',
  previewed: 'cyan',
  executed: 'cyan',
  committed: 'green',
  rolled_back: 'gray',
};

/** Colours, where the terminal wants them. */
export class Paint {
  private readonly enabled: boolean;

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  /** NO_COLOR switches colours off, FORCE_COLOR on; else a terminal has them. */
  static wanted(stream: TextStream, env: Readonly<Record<string, string | undefined>>): boolean {
    if (env.NO_COLOR) return false;
    if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
    return stream.isTTY === true && env.TERM !== 'dumb';
  }

  in(colour: Colour, text: string): string {
    return this.enabled ? styleText(colour, text, { validateStream: false }) : text;
  }

  status(status: AnyStatus, text: string = status): string {
    return this.in(statusColour(status), text);
  }
}

export function statusColour(status: AnyStatus): Colour {
  return STATUS_COLOURS[status];
}
