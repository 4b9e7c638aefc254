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
  PROJECT_UNREADABLE: {
    code: 'ODTM-1002',
    message: 'The project folder {project} cannot be read: {reason}.',
    remedy:
      'Name the folder that holds the definition files, for instance with "--project FOLDER".',
    exitCode: 2,
    httpStatus: 422,
    retry: 'final',
  },
  NOTHING_TO_DO: {
    code: 'ODTM-1003',
    message: 'Operation {operation} has nothing to do on {instance}: {reason}.',
    remedy: 'Enable it in the definitions and apply them, or leave {instance} out.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
});
