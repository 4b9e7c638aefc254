import type { ShownParams } from '../../control/definitions/show-params.ts';
import type { DefinitionChange, Difference } from '../../core/definitions/difference.ts';
import type { EffectiveParameter } from '../../core/run/stream-plan.ts';
import type { Colour, Paint } from './paint.ts';
import { table } from './table.ts';
import { counted } from './words.ts';

const SIGNS: Readonly<Record<DefinitionChange['kind'], { sign: string; colour: Colour }>> = {
  added: { sign: '+', colour: 'green' },
  changed: { sign: '~', colour: 'yellow' },
  removed: { sign: '-', colour: 'red' },
};

/** Every change with its fields, before and after, and how many there are. */
export function differenceText(difference: Difference, paint: Paint): string {
  return [...difference.map((change) => changeText(change, paint)), tallyOf(difference)].join('\n');
}

function changeText(change: DefinitionChange, paint: Paint): string {
  const { sign, colour } = SIGNS[change.kind];
  const head = paint.in(colour, `${sign} ${change.what} ${change.name}`);
  const fields = change.fields.map(({ path, before, after }) =>
    change.kind === 'added'
      ? `    ${path}: ${valueText(after)}`
      : `    ${path}: ${valueText(before)} → ${valueText(after)}`,
  );
  return [head, ...fields].join('\n');
}

function valueText(value: unknown): string {
  return value === null ? '(none)' : JSON.stringify(value);
}

function tallyOf(difference: Difference): string {
  const of = (kind: DefinitionChange['kind']): number =>
    difference.filter((change) => change.kind === kind).length;
  return `${of('added')} added, ${of('changed')} changed, ${of('removed')} removed.`;
}

export function differenceDocument(difference: Difference): unknown {
  return difference.map(({ kind, what, name, fields }) => ({ kind, what, name, fields }));
}

/** The values that count, a table an instance and object, and where each comes from. */
export function paramsText(shown: ShownParams): string {
  const { operation, environment, variant, scopes } = shown;
  const title =
    `${operation.name} (${operation.id}) in ${environment.code}` +
    `${variant === null ? '' : `, variant ${variant}`}: ${counted(scopes.length, 'scope')}`;
  const blocks = scopes.map(({ instance, object, parameters }) => {
    const head = object === null ? instance : `${instance}, ${object}`;
    const rows = parameters.map((parameter) => [
      `  ${parameter.name}`,
      parameter.value,
      parameter.type,
      sourceText(parameter),
    ]);
    return `\n${head}\n${table(['  NAME', 'VALUE', 'TYPE', 'FROM'], rows, '  No parameters.')}`;
  });
  return [title, ...blocks].join('\n');
}

/** `environment PROD, variant light`; `operation` where the value names no scope. */
function sourceText({ source }: EffectiveParameter): string {
  const named: readonly (readonly [string, string | null])[] = [
    ['object', source.object],
    ['instance', source.instance],
    ['environment', source.environment],
    ['variant', source.variant],
  ];
  const parts = named.flatMap(([what, name]) => (name === null ? [] : [`${what} ${name}`]));
  return source.level === 'operation' ? ['operation', ...parts].join(', ') : parts.join(', ');
}

export function paramsDocument(shown: ShownParams): unknown {
  return {
    operation: shown.operation,
    environment: shown.environment,
    variant: shown.variant,
    scopes: shown.scopes.map(({ instance, object, parameters }) => ({
      instance,
      object,
      parameters: parameters.map(({ name, type, value, source }) => ({
        name,
        type,
        value,
        source,
      })),
    })),
  };
}
