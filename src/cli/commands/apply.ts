import { applyDefinitions } from '../../control/definitions/apply-definitions.ts';
import { type CommandSpec, EXIT, JSON_OPTION, REPOSITORY_OPTIONS } from '../command.ts';
import { differenceDocument, differenceText } from '../render/definition-text.ts';
import { PROJECT_OPTION, projectFolder } from './plan.ts';

export const applyCommand: CommandSpec = {
  name: 'apply',
  summary: 'Make the repository hold what the definition files say, in one transaction',
  options: [PROJECT_OPTION, JSON_OPTION, ...REPOSITORY_OPTIONS],
  examples: ['odtm apply --project ./maintenance'],
  async run(invocation) {
    const { output, services } = invocation;
    const { definitions } = await invocation.session();
    const applied = await applyDefinitions(
      { projects: services.projects, definitions },
      projectFolder(invocation),
      services.user,
    );
    output.either(
      () => ({ revision: applied.revision, changes: differenceDocument(applied.difference) }),
      () =>
        applied.difference.length === 0
          ? `Nothing changed: revision ${applied.revision} holds exactly these definitions.`
          : `${differenceText(applied.difference, output.paint)}\nApplied as revision ${applied.revision}.`,
    );
    return EXIT.completed;
  },
};
