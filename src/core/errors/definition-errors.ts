import { entries } from './define.ts';

/** ODTM-1xxx: definitions, packages and parameters. */
export const definitionErrors = entries({
  DEFINITIONS_INVALID: {
    code: 'ODTM-1001',
    message: '{count} problem(s) in the definitions of {project}:\n{problems}',
    remedy: 'Correct the lines named above and run the command again; nothing was applied.',
    exitCode: 2,
    httpStatus: 422,
    retry: 'final',
  },
});
