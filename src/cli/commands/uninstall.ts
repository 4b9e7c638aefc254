import { uninstall } from '../../control/uninstall.ts';
import { type CommandSpec, EXIT, JSON_OPTION, REPOSITORY_OPTIONS } from '../command.ts';

export const uninstallCommand: CommandSpec = {
  name: 'uninstall',
  summary: 'Remove a package, or all that ODTM installed, from an instance',
  options: [
    { flags: '--instance <name>', description: 'from which instance' },
    { flags: '--package <name>', description: 'only this package, with its state tables' },
    { flags: '--force', description: 'also where unfinished runs lose their record' },
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: [
    'odtm uninstall --instance shop_eu',
    'odtm uninstall --instance shop_eu --package old',
  ],
  async run({ options, output, session }) {
    const instance = options.required('instance', 'name the instance');
    const removed = await uninstall(await session(), {
      instance,
      package: options.text('package') ?? null,
      force: options.flag('force'),
    });
    output.either(
      () => ({ instance, removed }),
      () =>
        removed.length === 0
          ? `Nothing was installed on ${instance}.`
          : `Removed from ${instance}: ${removed.join(', ')}.`,
    );
    return EXIT.completed;
  },
};
