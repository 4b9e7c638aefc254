import { checkInstances, type InstanceCheck } from '../../control/check-instances.ts';
import { type CommandSpec, EXIT, JSON_OPTION, REPOSITORY_OPTIONS } from '../command.ts';
import type { Paint } from '../render/paint.ts';
import { oneLine, span } from '../render/words.ts';
import { ENVIRONMENT_OPTION } from './params.ts';

const DEFAULT_LIMIT_MS = 15_000;

export const checkCommand: CommandSpec = {
  name: 'check',
  summary: 'Look at every instance: connectivity, version, privileges, what is installed, drift',
  options: [
    ENVIRONMENT_OPTION,
    { flags: '--instance <name>', description: 'only this instance' },
    { flags: '--time-limit <duration>', description: 'for each instance (default: 15s)' },
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm check', 'odtm check --env PROD --json'],
  async run({ options, output, session }) {
    options.atMostOne('env', 'instance');
    const checks = await checkInstances(await session(), {
      environment: options.text('env') ?? null,
      instance: options.text('instance') ?? null,
      timeLimitMs: options.durationMs('time-limit') ?? DEFAULT_LIMIT_MS,
    });
    const ok = checks.every((check) => check.ok);
    output.either(
      () => ({ ok, instances: checks.map(checkDocument) }),
      () => checksText(checks, output.paint),
    );
    return ok ? EXIT.completed : EXIT.failed;
  },
};

function checksText(checks: readonly InstanceCheck[], paint: Paint): string {
  const blocks = checks.map(({ instance, serverVersion, findings, elapsedMs, ok }) => {
    const mark = ok ? paint.in('green', 'ok') : paint.in('red', 'NOT OK');
    const version = serverVersion === null ? '' : ` ${serverVersion}`;
    const where = `${instance.host}:${instance.port}/${instance.database}`;
    const head = `${instance.name}  ${mark}  ${instance.engine}${version}  ${where}  ${span(elapsedMs)}`;
    const lines = findings.map((finding) => {
      const sign = finding.ok ? paint.in('green', '✓') : paint.in('red', '✗');
      return `  ${sign} ${finding.what}: ${oneLine(finding.text)}`;
    });
    return [head, ...lines].join('\n');
  });
  const bad = checks.filter(({ ok }) => !ok).length;
  const total = `${checks.length - bad} of ${checks.length} instances are in order.`;
  return [...blocks, total].join('\n');
}

function checkDocument(check: InstanceCheck): unknown {
  return {
    instance: check.instance.name,
    engine: check.instance.engine,
    server_version: check.serverVersion,
    ok: check.ok,
    elapsed_ms: check.elapsedMs,
    findings: check.findings.map(({ what, ok, text }) => ({ what, ok, text })),
  };
}
