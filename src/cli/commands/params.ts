import { showParams } from '../../control/definitions/show-params.ts';
import {
  argument,
  type CommandSpec,
  EXIT,
  JSON_OPTION,
  type OptionSpec,
  REPOSITORY_OPTIONS,
} from '../command.ts';
import { paramsDocument, paramsText } from '../render/definition-text.ts';

export const ENVIRONMENT_OPTION: OptionSpec = {
  flags: '--env <environment>',
  description: 'code or id of the environment',
};
export const VARIANT_OPTION: OptionSpec = {
  flags: '--variant <name>',
  description: 'variant of the operation, with parameters of its own',
};

export const paramsCommand: CommandSpec = {
  name: 'params',
  summary: 'Show the parameter values that count, and where each comes from',
  arguments: [{ name: '<operation>', description: 'id or name of the operation' }],
  options: [
    ENVIRONMENT_OPTION,
    { flags: '--instance <name>', description: 'only this instance' },
    VARIANT_OPTION,
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm params 12 --env PROD', 'odtm params purge_orders --env 1 --instance shop_eu'],
  async run(invocation) {
    const { options, output } = invocation;
    const environment = options.required('env', 'give the code or id of the environment');
    const shown = await showParams(await invocation.session(), {
      operation: argument(invocation, 0),
      environment,
      instance: options.text('instance') ?? null,
      variant: options.text('variant') ?? null,
    });
    output.either(
      () => paramsDocument(shown),
      () => paramsText(shown),
    );
    return EXIT.completed;
  },
};
