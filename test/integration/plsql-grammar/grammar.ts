import { getParserFromInput } from '@griffithswaite/ts-plsql-parser/parser.js';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';

/** A place that the grammar does not accept. */
export interface GrammarProblem {
  readonly line: number;
  readonly message: string;
}

/** PredictionMode.SLL of the runtime: quicker, and accepts nothing that the full mode would not. */
const SLL = 0;
const END_OF_FILE = -1;

/** What the parser's own declarations leave out. */
interface Listener {
  syntaxError(
    recognizer: unknown,
    symbol: unknown,
    line: number,
    column: number,
    message: string,
  ): void;
  reportAmbiguity(): void;
  reportAttemptingFullContext(): void;
  reportContextSensitivity(): void;
}
interface Recognizer {
  removeErrorListeners(): void;
  addErrorListener(listener: Listener): void;
}
interface Parser extends Recognizer {
  readonly _interp: { predictionMode: number };
  readonly _input: {
    readonly tokenSource: Recognizer;
    LT(ahead: number): { readonly type: number; readonly line: number; readonly text: string };
  };
  sql_script(): unknown;
}

/** What Oracle's grammar has against a source file, by the file's lines. */
export function grammarProblems(text: string): GrammarProblem[] {
  return sourceUnits(text).flatMap((unit) => problemsOf(unit.text, unit.line));
}

/** What could stand there instead are thousands of words. */
function shortened(message: string): string {
  return message.replace(/ expecting \{[\s\S]*$/, '');
}

function problemsOf(text: string, firstLine: number): GrammarProblem[] {
  const problems: GrammarProblem[] = [];
  const parser = getParserFromInput(text) as unknown as Parser;
  const silent = (): void => undefined;
  const listener: Listener = {
    syntaxError: (_recognizer, _symbol, line, _column, message) =>
      problems.push({ line: firstLine + line - 1, message: shortened(message) }),
    reportAmbiguity: silent,
    reportAttemptingFullContext: silent,
    reportContextSensitivity: silent,
  };
  for (const recognizer of [parser, parser._input.tokenSource]) {
    recognizer.removeErrorListeners();
    recognizer.addErrorListener(listener);
  }
  parser._interp.predictionMode = SLL;
  parser.sql_script();
  const next = parser._input.LT(1);
  if (next.type !== END_OF_FILE && problems.length === 0) {
    const line = firstLine + next.line - 1;
    problems.push({ line, message: `nothing in the grammar goes on with "${next.text}"` });
  }
  return problems;
}
