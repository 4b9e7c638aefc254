import { type CommandSpec, EXIT, REPOSITORY_OPTIONS } from '../command.ts';
import { serveUntil } from '../controller-loop.ts';

export const controllerCommand: CommandSpec = {
  name: 'controller',
  summary: 'Drive streams until stopped; any number of controllers may share a repository',
  options: [
    { flags: '--slots <number>', description: 'how many streams it drives at once' },
    { flags: '--until-idle', description: 'end when nothing is left to do' },
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm controller --slots 50', 'odtm controller --until-idle'],
  async run({ services, options, output, session }) {
    const slots = options.integer('slots', 1, 10_000);
    const open = await session();
    const controller = await open.startController(slots === undefined ? {} : { slots });
    output.note(`Controller ${controller.id} serves ${open.address}.`);
    const reason = await serveUntil(services, open, controller, options.flag('until-idle'));
    output.note(
      reason === 'idle'
        ? `Controller ${controller.id} ends: nothing is left to do.`
        : `Controller ${controller.id} ends; its streams are handed on.`,
    );
    return EXIT.completed;
  },
};
