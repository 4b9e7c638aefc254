import { type CommandSpec, EXIT } from '../command.ts';

export const schemaCommand: CommandSpec = {
  name: 'schema',
  summary: 'Print the JSON Schema of the definition files, for editors',
  options: [],
  examples: ['odtm schema > odtm.schema.json'],
  async run({ services, output }) {
    output.text((await services.schema()).trimEnd());
    return EXIT.completed;
  },
};

export const versionCommand: CommandSpec = {
  name: 'version',
  summary: 'Print the version',
  options: [],
  examples: ['odtm version'],
  async run({ services, output }) {
    output.text(services.version);
    return EXIT.completed;
  },
};
