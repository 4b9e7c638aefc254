import { showRun } from '../../control/show-run.ts';
import { type BegunRun, startRun } from '../../control/start-run.ts';
import { PREVIEW_MODES, type PreviewMode } from '../../ports/target.ts';
import { attach } from '../attach.ts';
import {
  argument,
  type CommandSpec,
  EXIT,
  type Invocation,
  JSON_OPTION,
  REPOSITORY_OPTIONS,
} from '../command.ts';
import type { OptionReader } from '../option-reader.ts';
import { detailDocument } from '../render/documents.ts';
import { counted } from '../render/words.ts';
import type { CliSession } from '../services.ts';
import { ENVIRONMENT_OPTION, VARIANT_OPTION } from './params.ts';

export const runCommand: CommandSpec = {
  name: 'run',
  summary: 'Start an operation, or go on with its unfinished run, and watch it',
  arguments: [{ name: '<operation>', description: 'id or name of the operation' }],
  options: [
    ENVIRONMENT_OPTION,
    { flags: '--detach', description: 'leave the run to a controller and do not watch it' },
    { flags: '--only-instances <names>', description: 'only these instances, separated by commas' },
    {
      flags: '--preview [mode]',
      description: 'change nothing: rollback (default), or statements, which are not executed',
    },
    VARIANT_OPTION,
    { flags: '--keep-package', description: 'go on with the package that the run began with' },
    { flags: '--accept-drift', description: 'reinstall what somebody changed by hand' },
    { flags: '--max-streams <number>', description: 'streams of this run at once' },
    { flags: '--plain', description: 'a line a change instead of the live view' },
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: [
    'odtm run 12 --env PROD',
    'odtm run purge_orders --env 1 --only-instances shop_eu,shop_us',
    'odtm run 12 --env TEST --preview statements',
  ],
  async run(invocation) {
    const wanted = wantedRun(invocation);
    const session = await invocation.session();
    const started = await startRun(session, wanted);
    if (!invocation.output.json) invocation.output.note(startedText(started));
    if (invocation.options.flag('detach')) return detach(invocation, session, started.runId);
    return attach(invocation, session, started.runId, { drive: true });
  },
};

function wantedRun(invocation: Invocation): Parameters<typeof startRun>[1] {
  const { options, services } = invocation;
  return {
    operation: argument(invocation, 0),
    environment: options.required('env', 'give the code or id of the environment'),
    variant: options.text('variant') ?? null,
    onlyInstances: options.list('only-instances') ?? null,
    preview: previewMode(options),
    keepPackage: options.flag('keep-package'),
    acceptDrift: options.flag('accept-drift'),
    maxStreams: options.integer('max-streams', 1, 10_000) ?? null,
    by: services.user,
  };
}

function previewMode(options: OptionReader): PreviewMode | null {
  if (!options.given('preview')) return null;
  return options.choice('preview', PREVIEW_MODES) ?? 'rollback';
}

/** So many are named that take no part; of a large fleet the rest is counted. */
const NAMED_AT_MOST = 5;

function startedText(started: BegunRun): string {
  const { runId, kind, instances, packageChanged, excluded } = started;
  const streams = counted(instances.length, 'stream');
  const first =
    kind === 'started' ? `Run ${runId} starts: ${streams}.` : `Run ${runId} goes on: ${streams}.`;
  const changed = `The package is a newer one on ${packageChanged.join(', ')}.`;
  const more = excluded.length - NAMED_AT_MOST;
  return [
    packageChanged.length === 0 ? first : `${first} ${changed}`,
    ...excluded.slice(0, NAMED_AT_MOST).map(({ reason }) => `Takes no part: ${reason}`),
    ...(more > 0
      ? [`${counted(more, 'more instance')} of ${instances.length + excluded.length} take no part.`]
      : []),
  ].join('\n');
}

async function detach(
  { output, services }: Invocation,
  session: CliSession,
  runId: string,
): Promise<number> {
  const spawned = await session.spawnController();
  if (output.json) {
    const detail = await showRun(session, runId);
    output.document(detailDocument(detail, services.clock.now()));
    return EXIT.completed;
  }
  const driver =
    spawned === null
      ? 'A controller that is alive drives it.'
      : `A controller (process ${spawned.pid}, log ${spawned.logFile}) drives it.`;
  output.text(`${driver} Watch it with "odtm show ${runId} --follow".`);
  return EXIT.completed;
}
