import type { RunSnapshot } from '../../control/watch-run.ts';
import type { StreamSummary } from '../../ports/run-queries.ts';
import type { Paint } from './paint.ts';
import { runSpan, tally } from './run-text.ts';
import { failureLine, oneLine, unitText } from './words.ts';

/** How a run stands when nothing of it is active any more, and what to do about what failed. */
export function summaryText({ at, detail }: RunSnapshot, paint: Paint): string {
  const { run, streams } = detail;
  const status = paint.status(run.status, run.status.replaceAll('_', ' '));
  const took = runSpan(run, at, streams);
  const after = took === '' ? '' : `, after ${took}`;
  const head = `Run ${run.runId} ${status}: ${tally(run.streams)}${after}.`;
  const failures = streams.flatMap(({ instance, failure, failedUnit }) => {
    if (failure === null) return [];
    const unit = failedUnit === null ? '' : ` in ${unitText(failedUnit)}`;
    const line = `  ${instance}${unit}: ${paint.in('red', failureLine(failure))}`;
    return failure.hint === null ? [line] : [line, `    → ${oneLine(failure.hint)}`];
  });
  const [first] = streams.filter(({ failure }) => failure !== null);
  const doubtful = streams.some((stream) => stream.status === 'in_doubt');
  return [
    head,
    ...failures,
    ...(first === undefined ? [] : [`→ What happened: ${whereToLook(run.runId, first)}`]),
    ...(doubtful ? [`→ Say whether the doubtful unit took effect: odtm resolve ${run.runId}`] : []),
    ...(run.endedAt === null ? ['→ The same command goes on where it stopped.'] : []),
  ].join('\n');
}

/** The statements of the unit that failed, or all that is known where it is no unit. */
function whereToLook(runId: string, { instance, failedUnit }: StreamSummary): string {
  if (failedUnit === null) return `odtm show ${runId}`;
  return `odtm log ${runId} --instance ${instance} --task ${failedUnit.task}`;
}
