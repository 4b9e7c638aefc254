import { resolve } from 'node:path';
import { planDefinitions } from '../../control/definitions/plan-definitions.ts';
import {
  type CommandSpec,
  EXIT,
  type Invocation,
  JSON_OPTION,
  type OptionSpec,
  REPOSITORY_OPTIONS,
} from '../command.ts';
import { differenceDocument, differenceText } from '../render/definition-text.ts';

export const PROJECT_OPTION: OptionSpec = {
  flags: '--project <folder>',
  description: 'folder of the definition files (default: the current folder)',
};

/** The project folder of a command line as an absolute path. */
export function projectFolder({ options, services }: Invocation): string {
  return resolve(services.cwd, options.text('project') ?? '.');
}

export const planCommand: CommandSpec = {
  name: 'plan',
  summary: 'Show what "apply" would change in the repository',
  options: [PROJECT_OPTION, JSON_OPTION, ...REPOSITORY_OPTIONS],
  examples: ['odtm plan --project ./maintenance'],
  async run(invocation) {
    const { definitions } = await invocation.session();
    const ports = { projects: invocation.services.projects, definitions };
    const plan = await planDefinitions(ports, projectFolder(invocation));
    const { output } = invocation;
    output.either(
      () => ({ revision: plan.revision, changes: differenceDocument(plan.difference) }),
      () =>
        plan.difference.length === 0
          ? 'Nothing to apply: the repository holds exactly these definitions.'
          : differenceText(plan.difference, output.paint),
    );
    return EXIT.completed;
  },
};
