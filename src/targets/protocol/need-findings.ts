import type { Privilege, TaskNeed } from '../../core/definitions/privilege.ts';
import type { CheckFinding } from '../../ports/target.ts';

/** Whether the user has a privilege; where not, what else is known, in words. */
export type Answer =
  | { readonly held: true }
  | { readonly held: false; readonly remark: string | null };

export const HELD: Answer = { held: true };
export const MISSING: Answer = { held: false, remark: null };

/** The answer where a privilege is missing and something is known about it. */
export function missing(remark: string): Answer {
  return { held: false, remark };
}

/** What `check` says of the privileges that tasks need: each missing one with the task that needs it. */
export async function needFindings(
  needs: readonly TaskNeed[],
  look: (privilege: Privilege) => Promise<Answer> | Answer,
): Promise<CheckFinding[]> {
  const answers = new Map<string, Answer>();
  const findings: CheckFinding[] = [];
  for (const { privilege, task, operation } of needs) {
    const name = textOf(privilege);
    const answer = answers.get(name) ?? (await look(privilege));
    answers.set(name, answer);
    if (answer.held) continue;
    const remark = answer.remark === null ? '' : ` (${answer.remark})`;
    const text = `${name} is missing: task ${task} of operation ${operation} needs it${remark}`;
    findings.push({ what: 'privilege', ok: false, text });
  }
  if (findings.length > 0 || needs.length === 0) return findings;
  return [{ what: 'privilege', ok: true, text: 'tasks have the privileges that they need' }];
}

function textOf({ right, on }: Privilege): string {
  return on === null ? right : `${right} ON ${on.owner}.${on.name}`;
}
