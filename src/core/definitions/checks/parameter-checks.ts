import type { Place, Report } from '../problem.ts';
import type { Entry, OperationSource, ParameterSourceEntry, Partly } from '../source.ts';
import { suggestion } from '../suggestion.ts';
import { inferType, isOfType } from '../typed-value.ts';
import { reportDuplicates } from './duplicates.ts';
import { codeOf } from './instance-checks.ts';
import type { Known } from './known.ts';
import { objectIdOf, variantName } from './object-checks.ts';
import { instanceName } from './reach.ts';

type Parameter = Partly<ParameterSourceEntry>;

const TYPE_REMEDIES = {
  number: 'Give digits with an optional point, such as 24 or 0.5.',
  date: 'Give a day that exists as YYYY-MM-DD, optionally with HH:MM:SS, or add "type: string".',
  string: 'Give text.',
} as const;

/** Finds what is wrong with the parameters of an operation: values, scopes, duplicates. */
export function checkParameters(entry: Entry<OperationSource>, known: Known, report: Report): void {
  const parameters = entry.value.parameters ?? [];
  const uses = parameters.map((parameter, index) => ({
    key: parameter?.name === undefined ? undefined : scopeKey(parameter),
    called: `Parameter "${parameter?.name}" for ${parameter === undefined ? '' : scopeText(parameter)}`,
    place: entry.placeOf(['parameters', index]),
  }));
  reportDuplicates(uses, 'Keep one value for each scope.', report);
  checkTypesAgree(entry, report);
  parameters.forEach((parameter, index) => {
    if (parameter === undefined) return;
    checkValue(parameter, entry.placeOf(['parameters', index, 'value']), report);
    checkScope(parameter, index, entry, known, report);
  });
}

function scopeKey(parameter: Parameter): string {
  const { name, environment, instance, object, variant } = parameter;
  return JSON.stringify([
    name,
    environment ?? null,
    instance ?? null,
    object ?? null,
    variant ?? null,
  ]);
}

/** The scope of a parameter in words. */
function scopeText(parameter: Parameter): string {
  const named = (['environment', 'instance', 'object', 'variant'] as const).flatMap((key) =>
    parameter[key] == null ? [] : [`${key} ${parameter[key]}`],
  );
  return named.length === 0 ? 'the whole operation' : named.join(', ');
}

function typeOf(parameter: Parameter): ReturnType<typeof inferType> | undefined {
  if (parameter.type != null) return parameter.type;
  return parameter.value === undefined ? undefined : inferType(parameter.value);
}

function checkValue(parameter: Parameter, place: Place, report: Report): void {
  const type = typeOf(parameter);
  if (type === undefined || parameter.value === undefined) return;
  if (isOfType(String(parameter.value), type)) return;
  report(
    place,
    `Value "${parameter.value}" of parameter "${parameter.name}" is no ${type}. ${TYPE_REMEDIES[type]}`,
  );
}

/** A parameter has one name and one type in every scope: package code reads it in one way. */
function checkTypesAgree(entry: Entry<OperationSource>, report: Report): void {
  const first = new Map<string, { parameter: Parameter; line: number }>();
  (entry.value.parameters ?? []).forEach((parameter, index) => {
    if (parameter?.name === undefined) return;
    const place = entry.placeOf(['parameters', index]);
    const earlier = first.get(parameter.name.toLowerCase());
    if (earlier === undefined) {
      first.set(parameter.name.toLowerCase(), { parameter, line: place.line });
      return;
    }
    const [type, other] = [typeOf(parameter), typeOf(earlier.parameter)];
    if (earlier.parameter.name !== parameter.name) {
      report(
        place,
        `Parameter "${parameter.name}" is written "${earlier.parameter.name}" in line ${earlier.line}. ` +
          'Write it in one way.',
      );
    } else if (type !== undefined && other !== undefined && type !== other) {
      report(
        place,
        `Parameter "${parameter.name}" is a ${type} here and a ${other} in line ${earlier.line}. ` +
          `Add "type: ${other}" or correct the value "${parameter.value}".`,
      );
    }
  });
}

function checkScope(
  parameter: Parameter,
  index: number,
  entry: Entry<OperationSource>,
  known: Known,
  report: Report,
): void {
  const choices = scopeChoices(entry, known);
  for (const key of ['environment', 'instance', 'object', 'variant'] as const) {
    const named = parameter[key];
    if (named == null || choices[key].includes(named)) continue;
    report(
      entry.placeOf(['parameters', index, key]),
      `The operation has no ${key} "${named}". ${suggestion(named, choices[key])}`,
    );
  }
  checkScopesMeet(parameter, index, entry, known, report);
}

function scopeChoices(entry: Entry<OperationSource>, known: Known) {
  const { environments, instances, objects, variants } = entry.value;
  return {
    environment: (environments ?? []).flatMap((source) => codeOf(source) ?? []),
    instance: instances?.flatMap((source) => instanceName(source) ?? []) ?? [
      ...known.instances.keys(),
    ],
    object: (objects ?? []).flatMap((source) => objectIdOf(source) ?? []),
    variant: (variants ?? []).flatMap((source) => variantName(source) ?? []),
  };
}

/** A value whose scopes never meet would never count, and nobody would notice. */
function checkScopesMeet(
  parameter: Parameter,
  index: number,
  entry: Entry<OperationSource>,
  known: Known,
  report: Report,
): void {
  const { environment, instance, object } = parameter;
  if (instance == null) return;
  const place = entry.placeOf(['parameters', index, 'instance']);
  const member = known.instances.get(instance);
  const codes = member?.environments?.map(codeOf);
  if (environment != null && codes !== undefined && !codes.includes(environment)) {
    report(
      place,
      `Instance "${instance}" does not belong to environment "${environment}", so this value never counts. ` +
        'Correct one of them.',
    );
  }
  const source = entry.value.objects?.find((candidate) => objectIdOf(candidate) === object);
  if (
    typeof source === 'object' &&
    source.instances != null &&
    !source.instances.includes(instance)
  ) {
    report(
      place,
      `Object "${object}" is not on instance "${instance}", so this value never counts. Correct one of them.`,
    );
  }
}
